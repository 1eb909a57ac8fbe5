import assert from "node:assert/strict";
import { test } from "node:test";
import { orderCreateSchema } from "@order-flow/orders_service/schemas/order.js";
import { orderMessage } from "@order-flow/orders_service/services/order_message.js";
import { Types } from "mongoose";
import { mistakesInMessage, orderCreatedSchema } from "./support/documented_message.js";
import { fencesOf, tableOf } from "./support/markdown.js";

const file = "notifications_service/README.md";
const { properties, required, examples } = orderCreatedSchema;

const orderOf = (total_cents: number) => ({
  ...{ _id: new Types.ObjectId(), user_id: new Types.ObjectId(), items: [] },
  ...{ currency: "USD", total_cents, created_at: new Date(), published_at: null },
  outbox: { due_at: new Date(), tries: 0, request_id: "a-request" },
});

test("When the message is documented as a table, as a schema and by an example, then all have the same members", () => {
  const example: unknown = JSON.parse(fencesOf(file).find(({ language }) => language === "json")?.text ?? "");
  const names = Object.keys(properties);

  assert.deepEqual(
    tableOf(file, "field").map(([name]) => name),
    names.map((name) => `\`${name}\``),
  );
  assert.deepEqual(required, names);
  assert.deepEqual(example, examples[0]);
  assert.deepEqual(mistakesInMessage(example), []);
});

test("When a message is made, then it has the members that are documented and no others", () => {
  const body = JSON.parse(orderMessage(orderOf(900)).content.toString());

  assert.deepEqual(Object.keys(body), Object.keys(properties));
  assert.deepEqual(mistakesInMessage(body), []);
});

test("When an order is as dear as can be, then its message is still as documented, and not a cent more", () => {
  const { items, currency } = orderCreateSchema.properties;
  const { quantity, unit_price_cents: price } = items.items.properties;
  const most = items.maxItems * quantity.maximum * price.maximum;

  assert.equal(properties["total_cents"]?.maximum, most);
  assert.ok(Number.isSafeInteger(most));
  assert.deepEqual(properties["currency"]?.pattern, currency.pattern);
});

for (const [member, value] of [
  ["order_id", "x"],
  ["user_id", null],
  ["currency", "usd"],
  ["total_cents", 1.5],
  ["created_at", "now"],
])
  test(`When ${member} is ${value}, then the schema says no`, () => {
    assert.equal(mistakesInMessage({ ...examples[0], [String(member)]: value }).length, 1);
  });
