import { type Connection, Schema, type Types } from "mongoose";
import type { OrderCreate } from "../schemas/order.js";

type OrderItem = OrderCreate["items"][number];

/** There as long as the broker has not confirmed the order's message. */
export interface OutboxEntry {
  due_at: Date;
  tries: number;
  request_id: string;
  /** The span of the request, if it was traced. */
  traceparent?: string;
  tracestate?: string;
  /** The id of the sweeper's last claim. */
  claim?: string;
}

/** An order as it is stored. Its `outbox` is in it, so that one insert stores both. */
export interface Order {
  user_id: Types.ObjectId;
  items: OrderItem[];
  currency: string;
  total_cents: number;
  created_at: Date;
  published_at: Date | null;
  outbox?: OutboxEntry | undefined;
  /** There if the client sent a key. */
  idempotency?: { key: string; fingerprint: string } | undefined;
}

export type StoredOrder = Order & { _id: Types.ObjectId };

const itemSchema = new Schema<OrderItem>(
  {
    sku: { type: String, required: true },
    quantity: { type: Number, required: true },
    unit_price_cents: { type: Number, required: true },
  },
  { _id: false },
);

const outboxSchema = new Schema<OutboxEntry>(
  { due_at: Date, tries: Number, request_id: String, traceparent: String, tracestate: String, claim: String },
  { _id: false },
);

const orderSchema = new Schema<Order>(
  {
    user_id: { type: Schema.Types.ObjectId, required: true },
    items: { type: [itemSchema], required: true },
    currency: { type: String, required: true },
    total_cents: { type: Number, required: true },
    created_at: { type: Date, required: true },
    published_at: { type: Date, default: null },
    outbox: { type: outboxSchema },
    idempotency: { type: new Schema({ key: String, fingerprint: String }, { _id: false }) },
  },
  { collection: "orders", versionKey: false },
);

orderSchema.index({ "outbox.due_at": 1 }, { sparse: true });
orderSchema.index({ "idempotency.key": 1 }, { unique: true, sparse: true });
orderSchema.index({ user_id: 1, _id: -1 });

export const createOrderModel = (connection: Connection) => connection.model("Order", orderSchema);

export type OrderModel = ReturnType<typeof createOrderModel>;

/** An order as the outside sees it. */
export type OrderPublic = ReturnType<typeof toPublicOrder>;

export function toPublicOrder(order: StoredOrder) {
  return {
    id: order._id.toHexString(),
    user_id: order.user_id.toHexString(),
    items: order.items.map(({ sku, quantity, unit_price_cents }) => ({ sku, quantity, unit_price_cents })),
    currency: order.currency,
    total_cents: order.total_cents,
    created_at: order.created_at.toISOString(),
    published_at: order.published_at?.toISOString() ?? null,
  };
}
