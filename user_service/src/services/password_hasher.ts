import { availableParallelism } from "node:os";
import { unavailable } from "@order-flow/common/http/errors/problem.js";
import { Piscina } from "piscina";
import type { HashTask } from "./password_worker.js";

/** Hashes that may wait beside those being computed; the next is answered 503 at once. */
const maxWaiting = 64;

/** Hashes passwords with bcrypt in worker threads, so that the event loop stays free for other requests. */
export class PasswordHasher {
  readonly #rounds: number;
  readonly #maxWaitMs: number;
  readonly #pool = new Piscina<HashTask, string | undefined>({
    filename: new URL("password_worker.js", import.meta.url).href,
    // Every thread from the start: to start a thread takes longer than a hash, and a request would wait for it.
    minThreads: availableParallelism(),
    maxThreads: availableParallelism(),
    maxQueue: maxWaiting,
    // A hash needs kilobytes; by default a thread lets megabytes of garbage pile up before it collects it.
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
  });

  /** `rounds` is bcrypt's cost. After `maxWaitMs` without a thread a client has probably given up, and gets a 503. */
  constructor(rounds: number, maxWaitMs = 5_000) {
    this.#rounds = rounds;
    this.#maxWaitMs = maxWaitMs;
  }

  get waiting(): number {
    return this.#pool.queueSize;
  }

  /** Returns the bcrypt hash of `password` (at most 72 bytes). Throws 503 if too many wait, or this one too long. */
  async hash(password: string): Promise<string> {
    if (this.waiting >= maxWaiting) throw unavailable("Too many passwords wait to be hashed.");
    // NIST SP 800-63B, section 3.1.1.2: the same characters give the same hash, however they were typed.
    const task = { password: password.normalize("NFKC"), rounds: this.#rounds, startBy: Date.now() + this.#maxWaitMs };
    const hash = await this.#pool.run(task, { name: "hash" });
    if (hash === undefined) throw unavailable("The password waited too long to be hashed.");
    return hash;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
