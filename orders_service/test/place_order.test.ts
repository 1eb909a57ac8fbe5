import assert from "node:assert/strict";
import { test } from "node:test";
import { documentOf } from "../../test/support/documented.js";
import { exampleAt } from "../../test/support/examples.js";
import { call, member, text } from "../../test/support/http.js";
import { tableOf } from "../../test/support/markdown.js";
import { item, newOrder, place, published, someUser, stored } from "../../test/support/orders.js";
import { TestQueue } from "../../test/support/queue.js";
import { startOrdersService, testServers } from "../../test/support/services.js";

const service = await startOrdersService();
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);

test("When an order is placed, then the answer is 201 with the whole order and its place", async () => {
  const before = Date.now();
  const answer = await place(service, newOrder({ currency: "EUR" }));

  assert.equal(answer.status, 201);
  const id = text(answer.body, "id");
  assert.match(id, /^[0-9a-f]{24}$/);
  assert.equal(answer.headers.get("Location"), `/orders/${id}`);
  assert.equal(answer.headers.get("Idempotency-Replayed"), null);
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  const { created_at, ...rest } = Object(answer.body);
  assert.deepEqual(rest, {
    id,
    user_id: someUser,
    items: [item()],
    currency: "EUR",
    total_cents: 900,
    published_at: null,
  });
  assert.equal(new Date(created_at).toISOString(), created_at);
  assert.ok(Date.parse(created_at) >= before && Date.parse(created_at) <= Date.now());
});

test("When an order is placed, then its row holds it, in the types that MongoDB has for it", async () => {
  const answer = await place(service, newOrder({ currency: "EUR" }));
  const row = await stored(service, text(answer.body, "id"));

  assert.equal(String(row["user_id"]), someUser);
  assert.equal(typeof row["user_id"], "object");
  assert.deepEqual(row["items"], [item()]);
  assert.equal(row["currency"], "EUR");
  assert.equal(row["total_cents"], 900);
  assert.ok(row["created_at"] instanceof Date);
  assert.equal(row["created_at"].toISOString(), member(answer.body, "created_at"));
  assert.equal("idempotency" in row, false);
  assert.equal("__v" in row, false);
});

test("When an order is placed, then it is on the queue and says when it was published", async () => {
  const placed = await place(service);
  const id = text(placed.body, "id");
  const row = await published(service, id);
  const answer = await call(`${service.url}/orders/${id}`);

  assert.equal(member(placed.body, "published_at"), null);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { ...Object(placed.body), published_at: row["published_at"].toISOString() });
  assert.equal("outbox" in row, false);
  assert.ok(row["published_at"] >= row["created_at"]);
  assert.deepEqual(await queue.copiesOf(id), [id]);
});

test("When the documented example is placed, then the response and the stored order have each of its fields", async () => {
  const example = Object(exampleAt(documentOf("orders_service"), "/components/schemas/OrderCreate"));
  const answer = await place(service, example);
  const row = await stored(service, text(answer.body, "id"));

  for (const [name, value] of Object.entries(example)) {
    assert.ok(name in row, `newOrder stores ${name}`);
    assert.deepEqual(member(answer.body, name), value, `toPublicOrder gives ${name}`);
    assert.ok(service.database.connection.models["Order"]?.schema.path(name), `the Mongoose schema has ${name}`);
  }
  const documented = tableOf("orders_service/README.md", "field").map(([name = ""]) => name.replaceAll("`", ""));
  assert.deepEqual(
    documented.filter((name) => !name.includes("[")).sort(),
    Object.keys(example).sort(),
    "the fields in orders_service/README.md",
  );
});

test("When an order names no currency, then it is in USD, in the answer and in the row", async () => {
  const answer = await place(service, newOrder());

  assert.equal(member(answer.body, "currency"), "USD");
  assert.equal((await stored(service, text(answer.body, "id")))["currency"], "USD");
});

test("When the path ends in a slash, then the order is placed and found all the same", async () => {
  const placed = await call(`${service.url}/orders/`, { method: "POST", json: newOrder() });
  const id = text(placed.body, "id");

  assert.equal(placed.status, 201);
  assert.equal(placed.headers.get("Location"), `/orders/${id}`);
  await stored(service, id);
  const got = await call(`${service.url}/orders/${id}/`);
  assert.equal(got.status, 200);
  assert.equal(text(got.body, "id"), id);
  assert.equal((await call(`${service.url}/orders/?limit=1`)).status, 200);
});

test("When the Location of an order is followed, then there is the order", async () => {
  const placed = await place(service);
  const got = await call(`${service.url}${placed.headers.get("Location")}`);

  assert.equal(got.status, 200);
  assert.equal(text(got.body, "id"), text(placed.body, "id"));
});

test("When user_id is written in capitals, then it is the same user", async () => {
  const answer = await place(service, newOrder({ user_id: someUser.toUpperCase() }));

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "user_id"), someUser);
  assert.equal(String((await stored(service, text(answer.body, "id")))["user_id"]), someUser);
});
