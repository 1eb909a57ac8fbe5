import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { assertRefused, item, newOrder, place, someUser, stored } from "../../test/support/orders.js";
import { type RunningOrders, startOrdersService } from "../../test/support/services.js";

let service: RunningOrders;

before(async () => {
  service = await startOrdersService();
});

after(async () => {
  await service.stop();
});

const withItem = (sku: string, quantity: string, price: string) =>
  `{"user_id":"${someUser}","items":[{"sku":${sku},"quantity":${quantity},"unit_price_cents":${price}}]}`;

/** JSON that is no integer in the range of either number. */
const noInteger = [
  ...['"5"', "5.5", "1e400", "-1", "9007199254740992", "9007199254740993", "[5]", "[]", "{}"],
  ...["true", "null", '""', "0.1e-400", "-1e400"],
];

for (const literal of noInteger) {
  // 0.1e-400 underflows to 0, which is a price.
  if (literal !== "0.1e-400")
    test(`When a price is ${literal}, then the order is refused for that price`, () =>
      assertRefused(service, withItem('"A"', "1", literal), ["/items/0/unit_price_cents"]));
  test(`When a quantity is ${literal}, then the order is refused for that quantity`, () =>
    assertRefused(service, withItem('"A"', literal, "1"), ["/items/0/quantity"]));
}

for (const literal of ["0", "-0", "1000001"])
  test(`When a quantity is ${literal}, then it is out of range`, () =>
    assertRefused(service, withItem('"A"', literal, "1"), ["/items/0/quantity"]));

test("When a price is 90000001, then it is out of range", () =>
  assertRefused(service, withItem('"A"', "1", "90000001"), ["/items/0/unit_price_cents"]));

for (const sku of ["A", "a.b_c-9", "x".repeat(64)])
  test(`When a sku is ${sku.length} characters of those allowed (${sku.slice(0, 8)}), then it is taken`, async () => {
    const answer = await place(service, newOrder({ items: [item({ sku })] }));

    assert.equal(answer.status, 201);
    assert.equal((await stored(service, text(answer.body, "id")))["items"][0].sku, sku);
  });

for (const sku of ['""', `"${"x".repeat(65)}"`, '"a b"', '"a/b"', '"é"', '"A\\n"', '"A\\u0000"', "5", '["A"]', "null"])
  test(`When a sku is ${sku.slice(0, 12)}, then the order is refused for it`, () =>
    assertRefused(service, withItem(sku, "1", "1"), ["/items/0/sku"]));

for (const items of ["[]", "{}", '"TEA"', "null", "5", '{"0":{},"length":1}'])
  test(`When items is ${items}, then the order is refused for it`, () =>
    assertRefused(service, `{"user_id":"${someUser}","items":${items}}`, ["/items"]));

test("When an order has 100 items, then all are stored; with 101 it is refused", async () => {
  const items = (length: number) => Array.from({ length }, (_, index) => item({ sku: `S${index}` }));
  const answer = await place(service, newOrder({ items: items(100) }));

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "total_cents"), 90_000);
  assert.deepEqual((await stored(service, text(answer.body, "id")))["items"], items(100));
  await assertRefused(service, JSON.stringify(newOrder({ items: items(101) })), ["/items"]);
});

for (const wrong of ["null", "5", '"TEA"', "[]"])
  test(`When the second item is ${wrong}, then the order is refused for that item`, () =>
    assertRefused(service, `{"user_id":"${someUser}","items":[${JSON.stringify(item())},${wrong}]}`, ["/items/1"]));

for (const currency of ['"usd"', '"US"', '"USDT"', '"ÜSD"', '" USD"', '"USD\\n"', '""', "null", "840", '["USD"]'])
  test(`When the currency is ${currency}, then the order is refused for it`, () => {
    const body = `{"user_id":"${someUser}","items":[${JSON.stringify(item())}],"currency":${currency}}`;
    return assertRefused(service, body, ["/currency"]);
  });

const userIds = [
  ...['""', `"${"a".repeat(23)}"`, `"${"a".repeat(25)}"`, `"${"g".repeat(24)}"`, `"${"a".repeat(24)}\\n"`],
  ...["5", "null", `["${someUser}"]`, '{"$ne":""}', '{"$oid":"64b7f0c2a1d3e4f5a6b7c8d9"}'],
];
for (const id of userIds)
  test(`When user_id is ${id}, then the order is refused for it`, () =>
    assertRefused(service, `{"user_id":${id},"items":[${JSON.stringify(item())}]}`, ["/user_id"]));

test("When several things are wrong, then each is named by its JSON Pointer", () => {
  const items = [item({ quantity: 0 }), item(), item({ sku: "", unit_price_cents: -1 })];
  const fields = ["/user_id", "/items/0/quantity", "/items/2/sku", "/items/2/unit_price_cents", "/currency"];
  return assertRefused(service, JSON.stringify({ user_id: "x", items, currency: "x" }), fields);
});

test("When user_id and items are missing, then both are named", () =>
  assertRefused(service, "{}", ["/user_id", "/items"]));

test("When an item is empty, then each of its members is named", () =>
  assertRefused(service, `{"user_id":"${someUser}","items":[{}]}`, [
    "/items/0/sku",
    "/items/0/quantity",
    "/items/0/unit_price_cents",
  ]));

test("When far more is wrong than can be listed, then twenty mistakes are", () => {
  const items = Array.from({ length: 30 }, () => item({ quantity: 0 }));
  const fields = Array.from({ length: 20 }, (_, index) => `/items/${index}/quantity`);
  return assertRefused(service, JSON.stringify(newOrder({ items })), fields);
});
