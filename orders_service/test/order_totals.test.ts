import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { item, newOrder, place, placeText, published, someUser, stored } from "../../test/support/orders.js";
import { TestQueue } from "../../test/support/queue.js";
import { startOrdersService, testServers } from "../../test/support/services.js";

const service = await startOrdersService();
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);

test("When an order has several items, then the total is the sum of quantity times price", async () => {
  const items = [
    item({ quantity: 3, unit_price_cents: 199 }),
    item({ quantity: 1, unit_price_cents: 0 }),
    item({ quantity: 7, unit_price_cents: 1 }),
  ];
  const answer = await place(service, newOrder({ items }));

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "total_cents"), 604);
  assert.deepEqual(member(answer.body, "items"), items);
  assert.equal((await stored(service, text(answer.body, "id")))["total_cents"], 604);
});

test("When an order is as large as the limits allow, then its total is exact everywhere", async () => {
  const items = Array.from({ length: 100 }, () => item({ quantity: 1_000_000, unit_price_cents: 90_000_000 }));
  const answer = await place(service, newOrder({ items }));
  const id = text(answer.body, "id");

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "total_cents"), 9_000_000_000_000_000);
  assert.equal((await published(service, id))["total_cents"], 9_000_000_000_000_000);
  const message = await queue.messageOf(id);
  assert.match(message.content.toString(), /"total_cents":9000000000000000[,}]/);
});

test("When whole numbers are written as 2.0 and 45e1, then they are integers", async () => {
  const body = `{"user_id":"${someUser}","items":[{"sku":"A","quantity":2.0,"unit_price_cents":45e1}]}`;
  const answer = await placeText(service, body);

  assert.equal(answer.status, 201);
  assert.deepEqual(member(answer.body, "items"), [{ sku: "A", quantity: 2, unit_price_cents: 450 }]);
  assert.equal((await stored(service, text(answer.body, "id")))["total_cents"], 900);
});

test("When a price is -0, then 0 is stored, answered and published", async () => {
  const body = `{"user_id":"${someUser}","items":[{"sku":"A","quantity":2,"unit_price_cents":-0}]}`;
  const answer = await placeText(service, body);
  const row = await stored(service, text(answer.body, "id"));

  assert.equal(answer.status, 201);
  assert.ok(Object.is(row["items"][0].unit_price_cents, 0), "not the -0 of floating point");
  assert.ok(Object.is(row["total_cents"], 0));
  assert.match((await queue.messageOf(text(answer.body, "id"))).content.toString(), /"total_cents":0[,}]/);
});

for (const sku of ["A", "a.b_c-9", "x".repeat(64)])
  test(`When a sku is ${sku.length} characters of those allowed (${sku.slice(0, 8)}), then it is taken`, async () => {
    const answer = await place(service, newOrder({ items: [item({ sku })] }));

    assert.equal(answer.status, 201);
    assert.equal((await stored(service, text(answer.body, "id")))["items"][0].sku, sku);
  });

test("When an order has 100 items, then all are stored", async () => {
  const items = Array.from({ length: 100 }, (_, index) => item({ sku: `S${index}` }));
  const answer = await place(service, newOrder({ items }));

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "total_cents"), 90_000);
  assert.deepEqual((await stored(service, text(answer.body, "id")))["items"], items);
});
