import { closeSync, constants, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { afterAll } from "./cleanup.js";
import type { TestInbox } from "./inbox.js";
import { type ServiceProcess, startConsumer } from "./processes.js";
import type { TestQueue } from "./queue.js";
import { uniqueName } from "./services.js";

const { O_RDWR, O_RDONLY, O_NONBLOCK } = constants;

/** A pipe with a name, full to the brim, which nobody reads until `read` is called. */
export class StuckPipe {
  readonly path: string;
  readonly #filled: number;
  readonly #chunks: Buffer[] = [];

  private constructor(path: string) {
    this.path = path;
    // For both ways: else opening it would wait for the other end.
    const descriptor = openSync(path, O_RDWR | O_NONBLOCK);
    this.#filled = fill(descriptor);
    afterAll(async () => closeSync(descriptor));
  }

  static async create(): Promise<StuckPipe> {
    const folder = testFolder("pipes");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, uniqueName("pipe"));
    await execa("mkfifo", [path]);
    afterAll(async () => rmSync(path));
    return new StuckPipe(path);
  }

  /** What came through since it was made. */
  get text(): string {
    return Buffer.concat(this.#chunks).subarray(this.#filled).toString();
  }

  /** Begins to read. */
  read(): void {
    const socket = new Socket({ fd: openSync(this.path, O_RDONLY | O_NONBLOCK), readable: true, writable: false });
    socket.on("data", (chunk) => this.#chunks.push(chunk));
    afterAll(async () => socket.destroy());
  }
}

/** A consumer whose standard output is a pipe, as it is in a container. */
export const startConsumerInto = (pipe: StuckPipe, queue: TestQueue, inbox?: TestInbox): Promise<ServiceProcess> =>
  startConsumer(queue, { ...inbox?.settings, PIPE: pipe.path }, { shell: 'exec "$0" "$1" > "$PIPE"' });

/** Writes until nothing more goes in; returns how many bytes did. */
function fill(descriptor: number): number {
  for (let bytes = 0; ; bytes += 1) {
    try {
      writeSync(descriptor, ".");
    } catch {
      return bytes;
    }
  }
}
