import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { PublishError, type Publisher } from "@order-flow/common/messaging/publisher.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import { backoff } from "@order-flow/common/time/backoff.js";
import type { OrderModel, StoredOrder } from "../models/order.js";
import { orderMessage } from "./order_message.js";

/** An order is published right after its insert; so long the sweeper leaves it alone. */
const firstRetryMs = 10_000;
/** How long an order belongs to the sweeper that claimed it. */
const claimMs = 30_000;
const longestRetryMs = 60_000;
const sweepEveryMs = 1_000;
const batchSize = 200;

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
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #sweeping: Promise<void> | undefined;
  #confirmed: StoredOrder["_id"][] = [];
  #marking: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** When the sweeper may take an order that is stored now: at once if publishing it directly has no chance. */
  firstDueAt(): Date {
    return new Date(Date.now() + (this.#options.publisher.isReady ? firstRetryMs : 0));
  }

  /** Publishes `order`, just stored, in the background. If that fails the sweeper will. */
  publishSoon(order: StoredOrder): void {
    if (!this.#options.publisher.isReady) return;
    const work = this.#publish(order).catch((error) => this.#release(order, error));
    this.#underWay.add(work);
    work.finally(() => this.#underWay.delete(work));
  }

  /** Begins to sweep: at once, each second, and whenever `sweepNow` is called. */
  start(): void {
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
    await this.#sweeping;
    await Promise.allSettled(this.#underWay);
    await this.#marking;
  }

  /** How many orders wait to be confirmed by the broker, and how long the oldest has waited. */
  async waiting(): Promise<{ waiting: number; oldest_age_seconds: number }> {
    const { orders, database } = this.#options;
    const [found] = await database.run(() =>
      orders
        .aggregate<{ waiting: number; oldest: Date }>([
          { $match: { "outbox.due_at": { $gt: new Date(0) } } },
          { $group: { _id: null, waiting: { $sum: 1 }, oldest: { $min: "$created_at" } } },
        ])
        .exec(),
    );
    if (!found) return { waiting: 0, oldest_age_seconds: 0 };
    return { waiting: found.waiting, oldest_age_seconds: Math.round((Date.now() - found.oldest.getTime()) / 1000) };
  }

  async #publish(order: StoredOrder): Promise<void> {
    const { publisher, queue } = this.#options;
    const { content, properties } = orderMessage(order, order.outbox?.request_id ?? "");
    await publisher.publish(queue, content, properties);
    this.#confirmed.push(order._id);
    this.#marking ??= this.#markConfirmed();
    await this.#marking;
  }

  /**
   * Writes down what was confirmed: one write for all that came while the last was under way. A crash before it
   * means that the order is published once more, under the same id.
   */
  async #markConfirmed(): Promise<void> {
    const { orders, database } = this.#options;
    try {
      while (this.#confirmed.length > 0) {
        const _id = { $in: this.#confirmed.splice(0) };
        const change = { $unset: { outbox: 1 }, $set: { published_at: new Date() } } as const;
        await database.run(() => orders.updateMany({ _id }, change).exec());
      }
    } finally {
      this.#marking = undefined;
    }
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
    const { orders, database, publisher } = this.#options;
    if (!publisher.isReady) return false;
    const due = await database.run(() =>
      orders
        .find({ "outbox.due_at": { $lte: new Date() } })
        .sort({ "outbox.due_at": 1 })
        .limit(batchSize)
        .lean<StoredOrder[]>()
        .exec(),
    );
    const results = await Promise.all(due.map((order) => this.#claimAndPublish(order)));
    return due.length === batchSize && results.every(Boolean);
  }

  /** Returns false if the order could not be published now. */
  async #claimAndPublish(order: StoredOrder): Promise<boolean> {
    const { orders, database } = this.#options;
    const claim = { _id: order._id, "outbox.due_at": order.outbox?.due_at ?? null };
    const mine = { $set: { "outbox.due_at": new Date(Date.now() + claimMs) }, $inc: { "outbox.tries": 1 } };
    try {
      // Compare and set: of several replicas that found the order, one gets it.
      const { modifiedCount } = await database.run(() => orders.updateOne(claim, mine).exec());
      if (modifiedCount === 1) await this.#publish(order);
      return true;
    } catch (error) {
      await this.#release(order, error);
      return false;
    }
  }

  /** Makes a failed order due again: at once if the broker was not asked, else later each time. */
  async #release(order: StoredOrder, error: unknown): Promise<void> {
    const { orders, database } = this.#options;
    this.#report(error, order);
    const unsent = error instanceof PublishError && error.unsent;
    const delay = unsent ? 0 : backoff((order.outbox?.tries ?? 0) + 1, 1_000, longestRetryMs);
    const change = { $set: { "outbox.due_at": new Date(Date.now() + delay) } };
    // Only while it is in the outbox: it may have been confirmed elsewhere meanwhile.
    const unpublished = { _id: order._id, outbox: { $exists: true } };
    await database.run(() => orders.updateOne(unpublished, change).exec()).catch((failure) => this.#report(failure));
  }

  #report(error: unknown, order?: StoredOrder): void {
    const fields = { reason: String(error), order_id: order?._id.toHexString(), request_id: order?.outbox?.request_id };
    this.#options.logger.debug("not published yet; it will be tried again", fields);
  }
}
