import { notFound, Problem } from "@order-flow/common/http/errors/problem.js";
import { type PageQuery, toPage } from "@order-flow/common/http/validation/page.js";
import { batchConcurrently, batchReads, insertUnordered } from "@order-flow/common/mongo/batch.js";
import { type Database, isDuplicateKey } from "@order-flow/common/mongo/database.js";
import { inSpan, traceHeaders } from "@order-flow/common/tracing/spans.js";
import { type QueryFilter, Types } from "mongoose";
import { type OrderModel, orderFilter, type StoredOrder, toPublicOrder } from "../models/order.js";
import type { OrderCreate } from "../schemas/order.js";
import { fingerprint } from "./fingerprint.js";
import { graceMs, type Outbox } from "./outbox.js";

interface PlaceOptions {
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
}

export interface OrderQuery extends PageQuery {
  readonly user_id?: string;
}

/** The rules of orders. Every call may throw a `DatabaseUnavailableError`. */
export class OrderService {
  readonly #orders: OrderModel;
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #observeInsert: (orders: number) => void;
  readonly #insert = batchConcurrently(async (orders: readonly StoredOrder[]) => {
    // Lean: what was validated and built here needs no casting.
    const insert = () => this.#orders.insertMany([...orders], { lean: true, ordered: false });
    const errors = await insertUnordered(orders.length, insert);
    this.#observeInsert(errors.filter((error) => !error).length);
    return errors;
  });
  readonly #read = batchReads((ids) => this.#orders.find({ _id: { $in: ids }, ...orderFilter }).lean<StoredOrder[]>());

  constructor(orders: OrderModel, database: Database, outbox: Outbox, observeInsert: (orders: number) => void) {
    this.#orders = orders;
    this.#database = database;
    this.#outbox = outbox;
    this.#observeInsert = observeInsert;
  }

  /** Stores and publishes an order; a key that was used before returns its order, or throws 422 if its body was another. */
  async place(request: OrderCreate, options: PlaceOptions) {
    const publishDirectly = this.#outbox.isReady;
    const order = newOrder(request, options, publishDirectly ? graceMs : 0);
    const existing = await this.#database.run(() => this.#store(order));
    if (existing) return { order: toPublicOrder(existing), replayed: true };
    if (publishDirectly) this.#outbox.publishInBackground(order);
    return { order: toPublicOrder(order), replayed: false };
  }

  /** Throws 404 if there is no such order. */
  async get(id: string) {
    const order = await this.#database.run(() => this.#read(id));
    if (!order) throw notFound("order");
    return toPublicOrder(order);
  }

  /** Newest first. */
  async list({ limit, cursor, user_id }: OrderQuery) {
    const filter: QueryFilter<StoredOrder> = {
      ...orderFilter,
      ...(user_id && { user_id: new Types.ObjectId(user_id) }),
      _id: { $type: "objectId", ...(cursor && { $lt: new Types.ObjectId(cursor) }) },
    };
    const found = await this.#database.run(() =>
      this.#orders.find(filter, null, { sort: { _id: -1 }, limit: limit + 1 }).lean<StoredOrder[]>(),
    );
    return toPage(found.map(toPublicOrder), limit);
  }

  /** Stores `order`, or returns the existing one with its idempotency key: the unique index decides. */
  async #store(order: StoredOrder): Promise<StoredOrder | undefined> {
    // One span per order, although inserts are batched: it is what the client waits for.
    const span = { kind: "CLIENT", attributes: insertAttributes(order, this.#orders.db.name) } as const;
    try {
      await inSpan("insert orders", span, () => this.#insert(order));
      return undefined;
    } catch (error) {
      const key = isDuplicateKey(error) ? order.idempotency?.key : undefined;
      if (!key) throw error;
      const existing = await this.#orders.findOne({ ...orderFilter, "idempotency.key": key }).lean<StoredOrder>();
      if (existing && existing.idempotency?.fingerprint === order.idempotency?.fingerprint) return existing;
      throw new Problem(422, "This Idempotency-Key was used for another order.", {
        errors: [{ in: "header", field: "Idempotency-Key", message: "was used with another body" }],
      });
    }
  }
}

const insertAttributes = ({ _id }: StoredOrder, database: string) => ({
  "db.system.name": "mongodb",
  "db.namespace": database,
  "db.collection.name": "orders",
  "db.operation.name": "insert",
  "order_flow.order_id": _id.toHexString(),
});

function newOrder(request: OrderCreate, { requestId, idempotencyKey }: PlaceOptions, dueInMs: number) {
  const now = Date.now();
  return {
    _id: new Types.ObjectId(),
    user_id: new Types.ObjectId(request.user_id),
    // JSON allows -0, and MongoDB would keep its sign; adding 0 removes it.
    items: request.items.map((item) => ({ ...item, unit_price_cents: item.unit_price_cents + 0 })),
    currency: request.currency,
    total_cents: totalCents(request),
    created_at: new Date(now),
    published_at: null,
    outbox: { due_at: new Date(now + dueInMs), tries: 0, request_id: requestId, ...traceHeaders() },
    ...(idempotencyKey !== undefined && { idempotency: { key: idempotencyKey, fingerprint: fingerprint(request) } }),
  };
}

/** An integer: the limits of an order keep it below 2^53. */
export const totalCents = ({ items }: Pick<OrderCreate, "items">): number =>
  items.reduce((total, { quantity, unit_price_cents }) => total + quantity * unit_price_cents, 0);
