import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint } from "@order-flow/orders_service/services/fingerprint.js";

const user_id = "64b7f0c2a1d3e4f5a6b7c8d9";

test("When a fingerprint was stored, then the same order still has it", () => {
  const tea = { sku: "TEA-250", quantity: 2, unit_price_cents: 450 };
  assert.equal(fingerprint({ user_id, items: [tea], currency: "USD" }), "D8GQTC4UouFXJ7biwBlBZddKE2F4kiT2e_sleScQCdg");
  const items = [
    { sku: "A", quantity: 1, unit_price_cents: 0 },
    { sku: "B_2", quantity: 1_000_000, unit_price_cents: 90_000_000 },
  ];
  assert.equal(fingerprint({ user_id, items, currency: "EUR" }), "6b6i_h3uAWf39HxEyUM2wxsLs9i-fjA9D2sryKYYIoQ");
});
