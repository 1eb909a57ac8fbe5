import { Writable } from "node:stream";
import { createLogger, type Logger } from "@order-flow/common/logging/logger.js";
import { keepLog } from "./kept_logs.js";

export interface Recording {
  readonly logger: Logger;
  /** What was logged so far, line by line, as it is written: at the end of the turn of the event loop. */
  readonly lines: readonly string[];
}

/** The services' own logger, of all levels, writing lines into an array. */
export function recordingLogger(format: "json" | "pretty" = "json"): Recording {
  const lines: string[] = [];
  return { logger: loggerTo((line) => lines.push(line), format), lines };
}

/** The same for a test that does not look at the log: only errors are shown. */
export function quietLogger(): Logger {
  return loggerTo((line) => line.includes('"level":"error"') && process.stdout.write(line), "json");
}

function loggerTo(take: (line: string) => unknown, format: "json" | "pretty"): Logger {
  const stream = new Writable({
    write: (text, _encoding, done) => {
      keepLog(text);
      for (const line of String(text).split(/(?<=\n)/)) take(line);
      done();
    },
  });
  return createLogger("test", { LOG_LEVEL: "debug", LOG_FORMAT: format }, stream);
}
