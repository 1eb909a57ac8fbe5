import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { item, newOrder, place, stored } from "../../test/support/orders.js";
import { startOrdersService } from "../../test/support/services.js";

// What is beyond the limits stands in test/bad_input/.
const service = await startOrdersService();

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
