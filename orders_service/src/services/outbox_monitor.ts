import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Outbox } from "./outbox.js";
import type { Backlog, OutboxStore } from "./outbox_store.js";

const countIntervalMs = 5_000;
/** An order that waits longer was not published right after its insert. */
const warnAfterMs = 5_000;

/** Every few seconds counts the outbox, warns once when orders pile up, and caps due times that a clock ahead has set. */
export class OutboxMonitor {
  readonly #store: OutboxStore;
  readonly #outbox: Pick<Outbox, "lastError">;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #backlog: Backlog | undefined;
  #warned = false;
  #running: Promise<void> | undefined;

  constructor(store: OutboxStore, outbox: Pick<Outbox, "lastError">, logger: Logger) {
    this.#store = store;
    this.#outbox = outbox;
    this.#logger = logger;
  }

  /** The outbox as `/ready` and `/metrics` show it, as of the last count; undefined where that failed. */
  get stats() {
    if (!this.#backlog) return undefined;
    const { waiting, oldest } = this.#backlog;
    return { waiting, oldest_age_seconds: Math.round(ageOf(oldest) / 1_000) };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // A database that is away is logged elsewhere.
      await this.#count().catch(() => (this.#backlog = undefined));
      await sleep(countIntervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #count(): Promise<void> {
    const capped = await this.#store.capDueTimes(this.#stop.signal);
    if (capped > 0) this.#logger.warn("orders were due too late: a clock was ahead", { orders: capped });
    this.#backlog = await this.#store.backlog(this.#stop.signal);
    const isLong = ageOf(this.#backlog.oldest) > warnAfterMs;
    if (isLong && !this.#warned)
      this.#logger.warn("orders wait in the outbox", { ...this.stats, reason: this.#outbox.lastError });
    if (!isLong && this.#warned) this.#logger.info("no order waits in the outbox any more");
    this.#warned = isLong;
  }
}

const ageOf = (date: Date | undefined): number => (date ? Math.max(0, Date.now() - date.getTime()) : 0);
