import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import { gather } from "@order-flow/common/mongo/gather.js";
import { PublishError } from "@order-flow/common/rabbitmq/publish_error.js";
import type { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { backoffDelayMs } from "@order-flow/common/util/backoff.js";
import type { OrderModel, StoredOrder } from "../models/order.js";
import { BatchSize } from "./batch_size.js";
import { orderMessage } from "./order_message.js";
import { type OutboxFigures, OutboxMonitor } from "./outbox_monitor.js";
import { OutboxStore, type Postponed } from "./outbox_store.js";

/** An order is published right after its insert; so long the sweeper leaves it alone. */
const firstRetryMs = 10_000;
const longestRetryMs = 60_000;
const sweepEveryMs = 1_000;

interface OutboxOptions {
  readonly orders: OrderModel;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly queue: string;
  readonly logger: Logger;
}

/** Brings every stored order to the queue: at once, or later, but always. Several processes may do so side by side. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #store: OutboxStore;
  readonly #monitor: OutboxMonitor;
  readonly #markPublished: (order: StoredOrder) => Promise<void>;
  readonly #postpone: (postponed: Postponed) => Promise<void>;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #batchSize = new BatchSize();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #sweeping: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const store = new OutboxStore(options.orders, options.database);
    this.#store = store;
    this.#monitor = new OutboxMonitor(store, options.logger);
    this.#markPublished = gather((orders) => store.markPublished(orders));
    this.#postpone = gather((postponed) => store.postpone(postponed));
  }

  /** When the sweeper may take an order that is stored now: at once if publishing it directly has no chance. */
  firstDueAt(): Date {
    return new Date(Date.now() + (this.#options.publisher.isReady ? firstRetryMs : 0));
  }

  /** Publishes `order`, just stored, in the background. If that fails the sweeper will. */
  publishSoon(order: StoredOrder): void {
    if (order.outbox && order.outbox.due_at.getTime() <= Date.now()) return;
    const work = this.#relay(order);
    this.#underWay.add(work);
    work.finally(() => this.#underWay.delete(work));
  }

  /** How many orders wait to be confirmed by the broker, and how long the oldest has waited, as of some seconds ago. */
  get figures(): OutboxFigures | undefined {
    return this.#monitor.figures;
  }

  /** Begins to sweep: at once, each second, and whenever `sweepNow` is called. */
  start(): void {
    this.#monitor.start();
    this.#sweeping ??= this.#sweepForEver();
  }

  /** Sweeps without waiting for the next second: the broker is back. */
  sweepNow(): void {
    this.#wake.abort();
  }

  /** Stops sweeping, waits for what is under way and writes down what was confirmed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await Promise.all([this.#monitor.stop(), this.#sweeping]);
    await Promise.allSettled(this.#underWay);
  }

  async #sweepForEver(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const more = await this.#sweep().catch((error) => this.#report(error));
      if (more) continue;
      await sleep(sweepEveryMs, undefined, { signal: this.#wake.signal }).catch(() => {});
      this.#wake = new AbortController();
    }
  }

  /** Publishes a batch of the orders that are due. Returns true if there may be more. */
  async #sweep(): Promise<boolean> {
    if (!this.#options.publisher.isReady) return false;
    let cameThrough = false;
    try {
      const claimed = await this.#store.claim(this.#batchSize.now);
      cameThrough = (await Promise.all(claimed.map((order) => this.#relay(order)))).every(Boolean);
      return claimed.length > 0 && cameThrough;
    } finally {
      this.#batchSize.adapt(cameThrough);
    }
  }

  /** Publishes `order` and writes that down; returns false if it has to be tried again. Never throws. */
  async #relay(order: StoredOrder): Promise<boolean> {
    const { publisher, queue } = this.#options;
    try {
      const { content, properties } = orderMessage(order, order.outbox?.request_id ?? "");
      await publisher.publish(queue, content, properties);
      // A crash before this is written means that the order is published once more, under the same id.
      await this.#markPublished(order);
      return true;
    } catch (error) {
      this.#report(error, order);
      await this.#postpone({ order, dueAt: nextTry(order, error) }).catch((failure) => this.#report(failure, order));
      return false;
    }
  }

  #report(error: unknown, order?: StoredOrder): void {
    const fields = { reason: String(error), order_id: order?._id.toHexString(), request_id: order?.outbox?.request_id };
    this.#options.logger.debug("not published yet; it will be tried again", fields);
  }
}

/** At once if the broker was not asked, else later each time. */
function nextTry(order: StoredOrder, error: unknown): Date {
  const unsent = error instanceof PublishError && error.unsent;
  return new Date(
    Date.now() +
      (unsent ? 0 : backoffDelayMs((order.outbox?.tries ?? 0) + 1, { baseMs: 1_000, maxMs: longestRetryMs })),
  );
}
