import { Writable } from "node:stream";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { createLogger, format, transports } from "winston";

/** A logger of all levels that keeps its lines, each as JSON. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  });
  const logger = createLogger({
    level: "debug",
    format: format.json(),
    transports: [new transports.Stream({ stream })],
  });
  return { logger, lines };
}
