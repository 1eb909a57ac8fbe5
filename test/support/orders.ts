import assert from "node:assert/strict";
import type { PendingOrder } from "@order-flow/orders_service/models/order.js";
import { Types } from "mongoose";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { type Answer, call } from "./http.js";

import type { RunningService } from "./services.js";

export const someUser = "64b7f0c2a1d3e4f5a6b7c8d9";

export const item = (changes: object = {}): object => ({
  sku: "TEA-250",
  quantity: 2,
  unit_price_cents: 450,
  ...changes,
});

export const newOrder = (changes: object = {}): object => ({ user_id: someUser, items: [item()], ...changes });

type Headers = Readonly<Record<string, string>>;

export const place = (service: RunningService, order: object = newOrder(), headers: Headers = {}): Promise<Answer> =>
  call(`${service.url}/orders`, { method: "POST", json: order, headers });

/** Sends a body that `JSON.stringify` would not write. */
export const placeText = (service: RunningService, body: string, headers: Headers = {}): Promise<Answer> =>
  call(`${service.url}/orders`, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });

export const rows = (service: RunningService) => service.database.connection.collection("orders");

/** The row of an order. */
export async function stored(service: RunningService, id: string) {
  const row = await rows(service).findOne({ _id: new Types.ObjectId(id) });
  assert.ok(row, `order ${id} is stored`);
  return row;
}

/** The row that a process leaves behind which dies between storing an order and publishing it. */
export function orphan(dueInMs: number, createdAt = new Date("2026-01-02T03:04:05.678Z")): PendingOrder {
  return {
    _id: new Types.ObjectId(),
    user_id: new Types.ObjectId(someUser),
    items: [{ sku: "TEA", quantity: 1, unit_price_cents: 300 }],
    currency: "EUR",
    total_cents: 300,
    created_at: createdAt,
    published_at: null,
    outbox: { due_at: new Date(Date.now() + dueInMs), tries: 0, request_id: "of-the-dead" },
  };
}

/** Waits until the order is known to be on the queue, and returns its row. */
export async function published(service: RunningService, id: string, deadlineMs = 60_000) {
  const isPublished = async () => (await stored(service, id))["published_at"] !== null;
  await waitUntil(isPublished, { what: `order ${id} is published`, deadlineMs });
  return stored(service, id);
}
