import { Writable } from "node:stream";
import { createLogger, type Logger } from "@order-flow/common/logging/logger.js";

export interface Recording {
  readonly logger: Logger;
  /** What was logged so far, line by line, as it is written: at the end of the turn of the event loop. */
  readonly lines: readonly string[];
}

/** The services' own logger, of all levels, writing lines into an array. */
export function recordingLogger(format: "json" | "pretty" = "json"): Recording {
  const lines: string[] = [];
  const stream = new Writable({
    write: (text, _encoding, done) => {
      lines.push(...String(text).split(/(?<=\n)/));
      done();
    },
  });
  return { logger: createLogger({ service: "test", level: "debug", format, stream }), lines };
}
