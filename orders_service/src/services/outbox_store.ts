import { randomUUID } from "node:crypto";
import type { Database } from "@order-flow/common/mongo/database.js";
import type { OrderModel, StoredOrder } from "../models/order.js";

/** How long orders belong to the one who claimed them. */
const claimMs = 30_000;

/** An order that could not be published, and when to try again. */
export interface Postponed {
  readonly order: StoredOrder;
  readonly dueAt: Date;
}

/** The rows that wait for the broker. A write of many rows is one call, however many there are. */
export class OutboxStore {
  readonly #orders: OrderModel;
  readonly #database: Database;

  constructor(orders: OrderModel, database: Database) {
    this.#orders = orders;
    this.#database = database;
  }

  /** Returns up to `most` orders that are due, the longest due first, and gives them to nobody else for 30 s. */
  claim(most: number): Promise<StoredOrder[]> {
    return this.#database.run(async () => {
      const isDue = { "outbox.due_at": { $lte: new Date() } };
      const found = await this.#orders.find(isDue, { _id: 1 }).sort({ "outbox.due_at": 1 }).limit(most).lean().exec();
      if (found.length === 0) return [];
      const ids = { _id: { $in: found.map(({ _id }) => _id) } };
      const claim = randomUUID();
      const mine = { "outbox.due_at": new Date(Date.now() + claimMs), "outbox.claim": claim };
      // Compare and set, row by row: of several replicas that found an order, one gets it.
      await this.#orders.updateMany({ ...ids, ...isDue }, { $set: mine, $inc: { "outbox.tries": 1 } }).exec();
      return this.#orders
        .find({ ...ids, "outbox.claim": claim })
        .lean<StoredOrder[]>()
        .exec();
    });
  }

  /** Notes that the broker has confirmed these orders. */
  async markPublished(orders: readonly StoredOrder[]): Promise<void> {
    const unmarked = { _id: { $in: orders.map(({ _id }) => _id) }, published_at: null };
    const change = { $unset: { outbox: 1 }, $set: { published_at: new Date() } } as const;
    await this.#database.run(() => this.#orders.updateMany(unmarked, change).exec());
  }

  /** Makes orders due at another time, as far as nobody else has claimed or published them meanwhile. */
  async postpone(postponed: readonly Postponed[]): Promise<void> {
    const changes = postponed.map(({ order: { _id, outbox }, dueAt }) => ({
      updateOne: {
        filter: { _id, "outbox.due_at": outbox?.due_at ?? null },
        update: { $set: { "outbox.due_at": dueAt } },
      },
    }));
    await this.#database.run(() => this.#orders.bulkWrite(changes, { ordered: false }));
  }

  /** How many orders wait to be confirmed by the broker, and how long the oldest has waited. */
  async waiting(): Promise<{ waiting: number; oldest_age_seconds: number }> {
    const [found] = await this.#database.run(() =>
      this.#orders
        .aggregate<{ waiting: number; oldest: Date }>([
          { $match: { "outbox.due_at": { $gt: new Date(0) } } },
          { $group: { _id: null, waiting: { $sum: 1 }, oldest: { $min: "$created_at" } } },
        ])
        .exec(),
    );
    if (!found) return { waiting: 0, oldest_age_seconds: 0 };
    return { waiting: found.waiting, oldest_age_seconds: Math.round((Date.now() - found.oldest.getTime()) / 1000) };
  }
}
