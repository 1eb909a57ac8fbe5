import { randomUUID } from "node:crypto";
import { batchOneAtATime } from "@order-flow/common/mongo/batch.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import { publishTimeoutMs } from "@order-flow/common/rabbitmq/publisher.js";
import type { Types } from "mongoose";
import { type OrderModel, orderFilter, type PendingOrder, type StoredOrder } from "../models/order.js";

const batchSize = 200;
/** How long sweeps skip a claimed order: a publish, and 200 ms for the claim. After a slower claim it may be sent twice. */
const claimMs = publishTimeoutMs + 200;
export const maxBackoffMs = 60_000;

export interface Backlog {
  readonly waiting: number;
  readonly oldest: Date | undefined;
}

/** The queries of the outbox. No client waits for them, so all run in the background. */
export class OutboxStore {
  readonly #orders: OrderModel;
  readonly #database: Database;

  constructor(orders: OrderModel, database: Database) {
    this.#orders = orders;
    this.#database = database;
  }

  /** Claims all orders that are due, in batches, the longest due first. */
  async *claimDue(signal: AbortSignal): AsyncGenerator<PendingOrder[], void> {
    const plan = { projection: { _id: 1 }, sort: { "outbox.due_at": 1 }, batchSize } as const;
    const cursor = await this.#database.runInBackground(
      async (options) => this.#orders.collection.find<Pick<StoredOrder, "_id">>(dueFilter(), { ...plan, ...options }),
      signal,
    );
    // One batch of the cursor at a time.
    const nextIds = async () => ((await cursor.hasNext()) ? cursor.readBufferedDocuments().map(({ _id }) => _id) : []);
    try {
      for (;;) {
        const ids = await this.#database.runInBackground(nextIds);
        if (ids.length === 0) return;
        const claimed = await this.#claim(ids, signal);
        if (claimed.length > 0) yield claimed;
      }
    } finally {
      await cursor.close();
    }
  }

  readonly markPublished = batchOneAtATime(async (orders: readonly StoredOrder[]) => {
    const unmarked = { _id: { $in: orders.map(({ _id }) => _id) }, published_at: null };
    const change = { $unset: { outbox: 1 }, $set: { published_at: new Date() } } as const;
    await this.#database.runInBackground((options) => this.#orders.updateMany(unmarked, change).setOptions(options));
  });

  /** Changes when an order is due, unless another replica has claimed or published it meanwhile. */
  readonly reschedule = batchOneAtATime(async (rescheduled: readonly { order: PendingOrder; dueAt: Date }[]) => {
    const changes = rescheduled.map(({ order: { _id, outbox }, dueAt }) => ({
      updateOne: {
        filter: { _id, "outbox.due_at": outbox.due_at },
        update: { $set: { "outbox.due_at": dueAt } },
      },
    }));
    await this.#database.runInBackground((options) => this.#orders.bulkWrite(changes, { ordered: false, ...options }));
  });

  /** Brings forward what is due later than any backoff: the clock that set it was ahead. Returns how many orders that were. */
  async capDueTimes(signal: AbortSignal): Promise<number> {
    const latest = new Date(Date.now() + maxBackoffMs);
    // Clocks of replicas differ a little.
    const dueTooLate = { ...orderFilter, "outbox.due_at": { $gt: new Date(Number(latest) + 1_000) } };
    // Not to now: such an order may be claimed by a replica whose clock is ahead.
    const change = { $set: { "outbox.due_at": latest } };
    const { modifiedCount } = await this.#database.runInBackground(
      (options) => this.#orders.updateMany(dueTooLate, change).setOptions(options),
      signal,
    );
    return modifiedCount;
  }

  async backlog(signal: AbortSignal): Promise<Backlog> {
    const pipeline = [
      // Matches all that have one, by way of the sparse index.
      { $match: { ...orderFilter, "outbox.due_at": { $gt: new Date(0) } } },
      { $group: { _id: null, waiting: { $sum: 1 }, oldest: { $min: "$created_at" } } },
    ];
    const [found] = await this.#database.runInBackground(
      (options) => this.#orders.aggregate<Backlog>(pipeline, options),
      signal,
    );
    return found ?? { waiting: 0, oldest: undefined };
  }

  /** Compare and set, document by document: an order that several replicas found is claimed by one of them. */
  async #claim(ids: readonly Types.ObjectId[], signal: AbortSignal): Promise<PendingOrder[]> {
    const claim = randomUUID();
    const claimed = { "outbox.due_at": new Date(Date.now() + claimMs), "outbox.claim": claim };
    return this.#database.runInBackground(async (options) => {
      const { modifiedCount } = await this.#orders
        .updateMany({ _id: { $in: ids }, ...dueFilter() }, { $set: claimed, $inc: { "outbox.tries": 1 } })
        .setOptions(options);
      if (modifiedCount === 0) return [];
      return this.#orders.find({ _id: { $in: ids }, "outbox.claim": claim }, null, options).lean<PendingOrder[]>();
    }, signal);
  }
}

const dueFilter = () => ({ ...orderFilter, "outbox.due_at": { $lte: new Date() } });
