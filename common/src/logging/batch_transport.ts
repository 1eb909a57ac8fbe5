import type { LogEntry } from "winston";
import Transport from "winston-transport";

/** winston's symbol for the formatted text of a line. */
export const MESSAGE = Symbol.for("message");

/** Transports with unwritten lines. */
const unwritten = new Set<BatchTransport>();
process.on("exit", () => {
  for (const transport of unwritten) transport.flush();
});

/** Writes the lines of one turn of the event loop together: a write for each would cost as much as a request. */
export class BatchTransport extends Transport {
  readonly #stream: NodeJS.WritableStream;
  #lines = "";

  constructor(stream: NodeJS.WritableStream) {
    super();
    this.#stream = stream;
  }

  override log(info: LogEntry & { [MESSAGE]?: unknown }, done: () => void): void {
    if (!unwritten.has(this)) {
      unwritten.add(this);
      setImmediate(() => this.flush());
    }
    this.#lines += `${info[MESSAGE]}\n`;
    // At once, so that not even a SIGKILL loses it. An info line waits for the turn to end.
    if (info.level !== "info") this.flush();
    done();
  }

  flush(): void {
    unwritten.delete(this);
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#stream.write(lines);
  }
}
