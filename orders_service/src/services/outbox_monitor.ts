import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Backlog, OutboxStore } from "./outbox_store.js";

const countEveryMs = 2_000;
/** Counting may take this share of the time, so that a large backlog is counted less often. */
const shareOfTime = 1 / 10;
/** An order that waits longer was not published right after its insert. */
const longMs = 5_000;

/** What an operator wants to know of the outbox. */
export interface OutboxFigures {
  /** Orders that the broker has not confirmed. */
  readonly waiting: number;
  /** How long the oldest of them has waited. */
  readonly oldest_age_seconds: number;
}

/** Counts what waits in the outbox now and then, so that asking for it costs nothing; warns once when orders pile up. */
export class OutboxMonitor {
  readonly #store: OutboxStore;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #backlog: Backlog | undefined;
  #warned = false;
  #running: Promise<void> | undefined;

  constructor(store: OutboxStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** As of the last count; undefined where that failed. */
  get figures(): OutboxFigures | undefined {
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
      const start = performance.now();
      // Without a database nothing can be counted, which others tell.
      await this.#count().catch(() => {
        this.#backlog = undefined;
      });
      const pauseMs = Math.max(countEveryMs, (performance.now() - start) / shareOfTime);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #count(): Promise<void> {
    this.#backlog = await this.#store.backlog(this.#stop.signal);
    const long = ageOf(this.#backlog.oldest) > longMs;
    if (long === this.#warned) return;
    this.#warned = long;
    if (long) this.#logger.warn("orders wait in the outbox", { ...this.figures });
    else this.#logger.info("no order waits in the outbox any more");
  }
}

const ageOf = (date: Date | undefined): number => (date ? Date.now() - date.getTime() : 0);
