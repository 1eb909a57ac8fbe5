import { type Page, type PageQuery, toPage } from "@order-flow/common/http/page.js";
import { notFound, Problem } from "@order-flow/common/http/problem.js";
import { type Database, refusedByIndex } from "@order-flow/common/mongo/database.js";
import { gather } from "@order-flow/common/mongo/gather.js";
import { readById } from "@order-flow/common/mongo/read_by_id.js";
import { Types } from "mongoose";
import {
  type OrderModel,
  type OrderRequest,
  type PublicOrder,
  type StoredOrder,
  toPublicOrder,
} from "../models/order.js";
import { fingerprint } from "./fingerprint.js";
import type { Outbox } from "./outbox.js";

/** How an order is placed. */
export interface PlaceOptions {
  readonly requestId: string;
  readonly idempotencyKey?: string | undefined;
}

/** `replayed`: the order was there already, from a call with the same key. */
export interface PlacedOrder {
  readonly order: PublicOrder;
  readonly replayed: boolean;
}

export interface OrderQuery extends PageQuery {
  readonly user_id?: string;
}

/** The rules of orders. Every call may throw a `DatabaseUnavailableError`. */
export class OrderService {
  readonly #orders: OrderModel;
  readonly #database: Database;
  readonly #outbox: Outbox;
  /** Inserts orders, all in one call, and returns those that a unique index refused. */
  readonly #insert = gather((orders: readonly StoredOrder[]) =>
    // By the driver itself: the model would cast and check anew what was checked and built here.
    refusedByIndex(orders, () => this.#orders.collection.insertMany(orders, { ordered: false })),
  );
  readonly #read = readById((ids) =>
    this.#orders
      .find({ _id: { $in: ids } })
      .lean<StoredOrder[]>()
      .exec(),
  );

  constructor(orders: OrderModel, database: Database, outbox: Outbox) {
    this.#orders = orders;
    this.#database = database;
    this.#outbox = outbox;
  }

  /** Stores the order, then publishes it behind the answer. Throws 422 if the key was used for another order. */
  async place(request: OrderRequest, options: PlaceOptions): Promise<PlacedOrder> {
    const order = newOrder(request, options, this.#outbox.initialDueAt());
    const earlier = await this.#database.run(() => this.#store(order));
    if (earlier) return { order: toPublicOrder(earlier), replayed: true };
    this.#outbox.publishInBackground(order);
    return { order: toPublicOrder(order), replayed: false };
  }

  /** Throws 404 if there is no such order. */
  async get(id: string): Promise<PublicOrder> {
    const order = await this.#database.run(() => this.#read(id));
    if (!order) throw notFound("order");
    return toPublicOrder(order);
  }

  /** Newest first. */
  async list({ limit, cursor, user_id }: OrderQuery): Promise<Page<PublicOrder>> {
    const filter = {
      ...(user_id && { user_id: new Types.ObjectId(user_id) }),
      ...(cursor && { _id: { $lt: new Types.ObjectId(cursor) } }),
    };
    const found = await this.#database.run(() =>
      this.#orders
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean<StoredOrder[]>()
        .exec(),
    );
    return toPage(found.map(toPublicOrder), limit);
  }

  /** Stores `order`; returns the earlier one instead where its idempotency key, as the unique index says, is taken. */
  async #store(order: StoredOrder): Promise<StoredOrder | undefined> {
    const refused = await this.#insert(order);
    if (!refused.includes(order)) return undefined;
    if (!order.idempotency) throw new Error("A unique index refused an order without a key.");
    return this.#earlier(order.idempotency);
  }

  async #earlier({ key, fingerprint }: NonNullable<StoredOrder["idempotency"]>): Promise<StoredOrder> {
    const earlier = await this.#orders.findOne({ "idempotency.key": key }).lean<StoredOrder>().exec();
    if (earlier?.idempotency?.fingerprint !== fingerprint)
      throw new Problem(422, "This Idempotency-Key was used for another order.", {
        errors: [{ in: "header", field: "Idempotency-Key", message: "was used with another body" }],
      });
    return earlier;
  }
}

function newOrder(request: OrderRequest, { requestId, idempotencyKey }: PlaceOptions, dueAt: Date): StoredOrder {
  return {
    _id: new Types.ObjectId(),
    user_id: new Types.ObjectId(request.user_id),
    // JSON has a -0, which MongoDB would store as one.
    items: request.items.map((item) => ({ ...item, unit_price_cents: item.unit_price_cents + 0 })),
    currency: request.currency,
    total_cents: totalCents(request),
    created_at: new Date(),
    published_at: null,
    outbox: { due_at: dueAt, tries: 0, request_id: requestId },
    ...(idempotencyKey !== undefined && { idempotency: { key: idempotencyKey, fingerprint: fingerprint(request) } }),
  };
}

/** An integer: the limits of an order keep it below 2^53. */
export const totalCents = ({ items }: Pick<OrderRequest, "items">): number =>
  items.reduce((total, { quantity, unit_price_cents }) => total + quantity * unit_price_cents, 0);
