import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member, text } from "../../test/support/http.js";
import { place, rows, stored } from "../../test/support/orders.js";
import { mistakenFields } from "../../test/support/problem.js";
import { startOrdersService } from "../../test/support/services.js";

const service = await startOrdersService();

test("When an order does not exist, then the answer is 404 and no row appears", async () => {
  const before = await rows(service).countDocuments();
  const answer = await call(`${service.url}/orders/${"0".repeat(24)}`);

  assert.equal(answer.status, 404);
  assert.equal(member(answer.body, "detail"), "No such order.");
  assert.equal(await rows(service).countDocuments(), before);
});

test("When the id of an order is written in capitals, then the order is found", async () => {
  const id = text((await place(service)).body, "id");
  const answer = await call(`${service.url}/orders/${id.toUpperCase()}`);

  assert.equal(answer.status, 200);
  assert.equal(text(answer.body, "id"), id);
});

test("When an order is asked for with HEAD, then the headers come without a body", async () => {
  const id = text((await place(service)).body, "id");
  const answer = await call(`${service.url}/orders/${id}`, { method: "HEAD" });

  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("Content-Type") ?? "", /^application\/json/);
  assert.equal(answer.body, undefined);
});

for (const id of ["x", "a".repeat(23), "a".repeat(25), "g".repeat(24), "%24ne", "__proto__"])
  test(`When an order is asked for as ${id}, then that is no id: 422`, async () => {
    const answer = await call(`${service.url}/orders/${id}`);

    assert.equal(answer.status, 422);
    assert.deepEqual(mistakenFields(answer.body), ["id"]);
  });

for (const method of ["PUT", "PATCH", "DELETE", "POST"])
  test(`When an order is sent ${method}, then the answer is 405 and the order stays as it is`, async () => {
    const id = text((await place(service)).body, "id");
    const answer = await call(`${service.url}/orders/${id}`, { method, json: { currency: "EUR" } });

    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("Allow"), "GET, HEAD");
    assert.equal((await stored(service, id))["currency"], "USD");
  });

test("When the row of an order has more than is public, then the answer does not show it", async () => {
  const id = text((await place(service, undefined, { "Idempotency-Key": "of-this-order" })).body, "id");
  await rows(service).updateOne({ _id: (await stored(service, id))._id }, { $set: { note: "internal" } });
  const answer = await call(`${service.url}/orders/${id}`);

  const members = ["created_at", "currency", "id", "items", "published_at", "total_cents", "user_id"];
  assert.deepEqual(Object.keys(Object(answer.body)).sort(), members);
});
