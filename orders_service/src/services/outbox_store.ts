import { randomUUID } from "node:crypto";
import type { Database } from "@order-flow/common/mongo/database.js";
import type { Types } from "mongoose";
import type { OrderModel, StoredOrder } from "../models/order.js";
import { DueWalk } from "./due_walk.js";

/** How long orders belong to the one who claimed them. */
const claimMs = 30_000;
/** Longer than an order's next try may be ahead. */
const aheadMs = 120_000;
/** Orders that one step of counting is to hold. */
const countedAtOnce = 2_000;

/** An order that could not be published, and when to try again. */
export interface Postponed {
  readonly order: StoredOrder;
  readonly dueAt: Date;
}

/** The orders that the broker has not confirmed. */
export interface Backlog {
  readonly waiting: number;
  /** When the oldest of them was created. */
  readonly oldest: Date | undefined;
}

/** The rows that wait for the broker. A write of many rows is one call, however many there are. */
export class OutboxStore {
  readonly #orders: OrderModel;
  readonly #database: Database;
  /** Nothing that was due before is left, but for what comes late. */
  readonly #walk = new DueWalk();
  /** Too many waited the last time to be counted in one step. */
  #large = false;

  constructor(orders: OrderModel, database: Database) {
    this.#orders = orders;
    this.#database = database;
  }

  /** Returns up to `most` orders that are due, the longest due first, and gives them to nobody else for 30 s. */
  async claim(most: number): Promise<StoredOrder[]> {
    const [now, walk] = [Date.now(), this.#walk];
    for (;;) {
      const until = walk.nextUntil(now);
      const found = await this.#dueBy(until, most);
      if (found.length === most) walk.narrow(until);
      else walk.at = until;
      if (found.length < most / 4) walk.widen();
      if (found.length > 0) return this.#take(found);
      if (until === now) return [];
    }
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

  /** Counts the orders that wait to be confirmed by the broker. Throws when `signal` is aborted meanwhile. */
  async backlog(signal: AbortSignal): Promise<Backlog> {
    try {
      const total = await (this.#large ? this.#countInSteps(signal) : this.#count(0));
      this.#large = total.waiting >= countedAtOnce;
      return total;
    } catch (error) {
      // It may have taken too long.
      this.#large = true;
      throw error;
    }
  }

  async #countInSteps(signal: AbortSignal): Promise<Backlog> {
    const now = Date.now();
    const end = now + aheadMs;
    const walk = new DueWalk();
    let [after, until] = [0, this.#walk.at];
    let total: Backlog = { waiting: 0, oldest: undefined };
    while (after < end) {
      signal.throwIfAborted();
      const part = await this.#count(after, until);
      total = together(total, part);
      // The next walk, of the sweeper or of a count, begins at the oldest.
      if (total.waiting === 0 && until <= now) this.#walk.at = until;
      if (part.waiting >= countedAtOnce) walk.narrow(until);
      if (part.waiting < countedAtOnce / 4) walk.widen();
      walk.at = after = until;
      until = walk.nextUntil(end);
    }
    return together(total, await this.#count(end));
  }

  async #dueBy(until: number, most: number): Promise<readonly Types.ObjectId[]> {
    const isDue = { "outbox.due_at": { $lte: new Date(until) } };
    const find = () => this.#orders.find(isDue, { _id: 1 }).sort({ "outbox.due_at": 1 }).limit(most).lean().exec();
    try {
      return (await this.#database.run(find)).map(({ _id }) => _id);
    } catch (error) {
      this.#walk.narrow(until);
      throw error;
    }
  }

  /** Claims those of the orders that nobody else has claimed meanwhile, and returns them. */
  #take(found: readonly Types.ObjectId[]): Promise<StoredOrder[]> {
    return this.#database.run(async () => {
      const ids = { _id: { $in: found } };
      const isDue = { "outbox.due_at": { $lte: new Date() } };
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

  async #count(after: number, until?: number): Promise<Backlog> {
    const upTo = until === undefined ? {} : { $lte: new Date(until) };
    const range = { "outbox.due_at": { $gt: new Date(after), ...upTo } };
    const sum = { _id: null, waiting: { $sum: 1 }, oldest: { $min: "$created_at" } };
    const [found] = await this.#database.run(() =>
      this.#orders.aggregate<Backlog>([{ $match: range }, { $group: sum }]).exec(),
    );
    return found ?? { waiting: 0, oldest: undefined };
  }
}

function together(one: Backlog, other: Backlog): Backlog {
  const [oldest] = [one.oldest, other.oldest].filter((date) => date !== undefined).sort((a, b) => +a - +b);
  return { waiting: one.waiting + other.waiting, oldest };
}
