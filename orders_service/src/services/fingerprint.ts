import { createHash } from "node:crypto";
import type { OrderRequest } from "../models/order.js";

/** The same for two bodies that mean the same order, whatever the order of their keys; else another one. */
export function fingerprint({ user_id, items, currency }: OrderRequest): string {
  const canonical = [
    user_id,
    currency,
    items.map(({ sku, quantity, unit_price_cents }) => [sku, quantity, unit_price_cents]),
  ];
  return createHash("sha256").update(JSON.stringify(canonical)).digest("base64url");
}
