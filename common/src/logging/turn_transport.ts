import type { LogEntry } from "winston";
import Transport from "winston-transport";

/** Where winston's formats put the text of a line. */
export const lineText = Symbol.for("message");

/** Transports with unwritten lines. */
const unwritten = new Set<TurnTransport>();
process.on("exit", () => {
  for (const transport of unwritten) transport.flush();
});

/** Writes the lines of one turn of the event loop together: under load a write for each costs as much as a request. */
export class TurnTransport extends Transport {
  readonly #stream: NodeJS.WritableStream;
  #lines = "";

  constructor(stream: NodeJS.WritableStream) {
    super();
    this.#stream = stream;
  }

  override log(info: LogEntry & { [lineText]?: unknown }, done: () => void): void {
    if (!unwritten.has(this)) {
      unwritten.add(this);
      setImmediate(() => this.flush());
    }
    this.#lines += `${info[lineText]}\n`;
    // What may be needed after a SIGKILL; other ends of the process write all lines before.
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
