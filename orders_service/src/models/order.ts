import { type Connection, type InferRawDocTypeFromSchema, Schema, type Types } from "mongoose";

const itemSchema = new Schema(
  {
    sku: { type: String, required: true },
    quantity: { type: Number, required: true },
    unit_price_cents: { type: Number, required: true },
  },
  { _id: false },
);

/** Present until the broker has confirmed the order's message. */
const outboxSchema = new Schema(
  {
    /** The sweeper leaves the order alone until then: during the grace period, a claim or a backoff. */
    due_at: { type: Date, required: true },
    /** The sweeper's claims: the direct publish before them is not counted. */
    tries: { type: Number, required: true },
    request_id: { type: String, required: true },
    /** The span of the request, if it was traced. */
    traceparent: String,
    tracestate: String,
    /** The id of the sweeper's last claim. */
    claim: String,
  },
  { _id: false },
);

/** An order as it is stored. Its `outbox` is in it, so that one insert stores both. */
const orderSchema = new Schema(
  {
    user_id: { type: Schema.Types.ObjectId, required: true },
    items: { type: [itemSchema], required: true },
    currency: { type: String, required: true },
    total_cents: { type: Number, required: true },
    created_at: { type: Date, required: true },
    published_at: { type: Date, default: null },
    outbox: { type: outboxSchema },
    /** Present if the client sent a key. */
    idempotency: { type: new Schema({ key: String, fingerprint: String }, { _id: false }) },
  },
  { collection: "orders", versionKey: false },
);

orderSchema.index({ "outbox.due_at": 1 }, { sparse: true });
orderSchema.index({ "idempotency.key": 1 }, { unique: true, sparse: true });
orderSchema.index({ user_id: 1, _id: -1 });

export const createOrderModel = (connection: Connection) => connection.model("Order", orderSchema);

export type StoredOrder = InferRawDocTypeFromSchema<typeof orderSchema> & { _id: Types.ObjectId };
/** An order whose message is not confirmed yet. */
export type PendingOrder = StoredOrder & { outbox: NonNullable<StoredOrder["outbox"]> };
export type OrderModel = ReturnType<typeof createOrderModel>;

/** What makes a document an order: others may keep documents of theirs in the same collection. */
export const orderFilter = {
  user_id: { $type: "objectId" },
  // No element of it is null.
  items: { $type: "array", $ne: null },
  currency: { $type: "string" },
  total_cents: { $gte: 0 },
  created_at: { $type: "date" },
} as const;

/** An order as the outside sees it. */
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
