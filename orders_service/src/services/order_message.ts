import type { PendingOrder } from "../models/order.js";

/** The message that says `order` was created; its id is the order's, so that a consumer can tell a repetition. */
export function orderMessage(order: PendingOrder) {
  const id = order._id.toHexString();
  const body = {
    order_id: id,
    user_id: order.user_id.toHexString(),
    currency: order.currency,
    total_cents: order.total_cents,
    created_at: order.created_at.toISOString(),
  };
  return {
    content: Buffer.from(JSON.stringify(body)),
    properties: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      messageId: id,
      type: "order.created",
      appId: "orders_service",
      timestamp: Math.floor(order.created_at.getTime() / 1000),
      correlationId: order.outbox.request_id,
      headers: { "x-schema-version": 1 },
    },
  };
}
