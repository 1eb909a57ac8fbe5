import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type OrderCreate, orderCreateSchema } from "@order-flow/orders_service/schemas/order.js";
import { fingerprint } from "@order-flow/orders_service/services/fingerprint.js";
import { totalCents } from "@order-flow/orders_service/services/order_service.js";
import fc from "fast-check";

const { minItems, maxItems, items } = orderCreateSchema.properties.items;
const { quantity, unit_price_cents: price } = items.properties;

const plain = { noNullPrototype: true };
type OrderItem = OrderCreate["items"][number];
const someItem: fc.Arbitrary<OrderItem> = fc.record(
  {
    sku: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    quantity: fc.integer({ min: quantity.minimum, max: quantity.maximum }),
    unit_price_cents: fc.integer({ min: price.minimum, max: price.maximum }),
  },
  plain,
);
/** Does not compile once an order has another field, whose part in the fingerprint would not be tested. */
const fields: { readonly [Name in keyof OrderCreate]-?: fc.Arbitrary<OrderCreate[Name]> } = {
  user_id: fc.stringMatching(/^[0-9a-f]{24}$/),
  items: fc.array(someItem, { minLength: minItems, maxLength: maxItems }),
  currency: fc.stringMatching(/^[A-Z]{3}$/),
};
const someOrder: fc.Arbitrary<OrderCreate> = fc.record(fields, plain);

/** The same members, the last first. */
const reversed = <T extends object>(value: T): T =>
  Object.assign(
    {},
    ...Object.entries(value)
      .reverse()
      .map(([k, v]) => ({ [k]: v })),
  );

/** An order and one that differs from it in one place at most. */
const twoOrders = fc
  .tuple(someOrder, someOrder, fc.constantFrom(...Object.keys(fields), "nothing"))
  .map(([order, other, name]): [OrderCreate, OrderCreate] => [
    order,
    // As JSON has it: an optional field that the other leaves out is left out here too.
    JSON.parse(JSON.stringify(name === "nothing" ? order : { ...order, [name]: Object(other)[name] })),
  ]);

test("When the members of an order come in another order, then its fingerprint is the same", () => {
  fc.assert(
    fc.property(someOrder, (order) => {
      const turned = reversed({ ...order, items: order.items.map(reversed) });

      assert.equal(fingerprint(turned), fingerprint(order));
    }),
  );
});

test("When two orders are equal, then their fingerprints are, and when they are not, then those are not", () => {
  fc.assert(
    fc.property(twoOrders, ([one, other]) => {
      assert.equal(fingerprint(one) === fingerprint(other), isDeepStrictEqual(one, other));
    }),
  );
});

test("When the items of an order are moved, then it is another order, and costs the same", () => {
  fc.assert(
    fc.property(someOrder, (order) => {
      const moved = { ...order, items: [...order.items.slice(1), ...order.items.slice(0, 1)] };

      assert.equal(fingerprint(moved) === fingerprint(order), isDeepStrictEqual(moved, order));
      assert.equal(totalCents(moved), totalCents(order));
    }),
  );
});

test("When a digit moves from a sku to the quantity beside it, then the fingerprint changes", () => {
  fc.assert(
    fc.property(someOrder, someItem, fc.integer({ min: 1, max: 9 }), fc.nat(9_999), (order, item, digit, rest) => {
      const withItem = (changes: Partial<OrderItem>) => ({ ...order, items: [{ ...item, ...changes }] });
      const one = withItem({ sku: `A${digit}`, quantity: rest });
      const other = withItem({ sku: "A", quantity: Number(`${digit}${rest}`) });

      assert.notEqual(fingerprint(one), fingerprint(other));
    }),
  );
});

test("When an order is within its limits, then its total is a safe integer, and exact", () => {
  fc.assert(
    fc.property(someOrder, (order) => {
      const exact = order.items.reduce((sum, item) => sum + BigInt(item.quantity) * BigInt(item.unit_price_cents), 0n);

      assert.ok(Number.isSafeInteger(totalCents(order)));
      assert.equal(BigInt(totalCents(order)), exact);
    }),
  );
});

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
