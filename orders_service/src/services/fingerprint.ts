import { createHash } from "node:crypto";
import type { OrderCreate } from "../schemas/order.js";

/** The same for two bodies that mean the same order, whatever the order of their keys. Stored: it must never change. */
export function fingerprint({ user_id, items, currency, ...rest }: OrderCreate): string {
  assertNoneLeft(rest);
  const canonicalItems = items.map(({ sku, quantity, unit_price_cents, ...restOfItem }) => {
    assertNoneLeft(restOfItem);
    return [sku, quantity, unit_price_cents];
  });
  return createHash("sha256")
    .update(JSON.stringify([user_id, currency, canonicalItems]))
    .digest("base64url");
}

/** Does not compile once a request has a field that its fingerprint leaves out. */
function assertNoneLeft(_rest: Record<string, never>): void {}
