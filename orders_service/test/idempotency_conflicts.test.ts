import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { call, text } from "../../test/support/http.js";
import { item, newOrder, place, published, rows } from "../../test/support/orders.js";
import { mistakenFields } from "../../test/support/problem.js";
import { TestQueue } from "../../test/support/queue.js";
import { databaseUri, startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

const settings = { MONGODB_URI: databaseUri(uniqueName("orders")), ORDERS_QUEUE: uniqueName("orders") };
/** Two replicas, on the same database and queue. */
const [service, replica] = await Promise.all([startOrdersService(settings), startOrdersService(settings)]);
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);

const withKey = (key: string) => ({ "Idempotency-Key": key });
const rowsOf = (key: string) => rows(service).countDocuments({ "idempotency.key": key });

const others = [
  ["another user", { user_id: "0".repeat(24) }],
  ["another currency", { currency: "EUR" }],
  ["another quantity", { items: [item({ quantity: 3 })] }],
  ["another price", { items: [item({ unit_price_cents: 451 })] }],
  ["another sku", { items: [item({ sku: "TEA-251" })] }],
  ["one item more", { items: [item(), item()] }],
] as const;
for (const [what, changes] of others)
  test(`When a key comes back with ${what}, then the answer is 422 and there is still one order`, async () => {
    const key = randomUUID();
    const first = await place(service, newOrder(), withKey(key));
    const other = await place(service, newOrder(changes), withKey(key));
    const id = text(first.body, "id");

    assert.equal(other.status, 422);
    assert.deepEqual(mistakenFields(other.body), ["Idempotency-Key"]);
    assert.equal(await rowsOf(key), 1);
    await published(service, id);
    assert.deepEqual(await queue.copiesOf(id), [id]);
  });

test("When a document of others has the key, then the answer is 422, and the document is not shown as an order", async () => {
  const [known, key] = [randomUUID(), randomUUID()];
  await place(service, newOrder(), withKey(known));
  const row = await rows(service).findOne({ "idempotency.key": known });
  await rows(service).insertOne({ idempotency: { ...row?.["idempotency"], key } });
  const answer = await place(service, newOrder(), withKey(key));

  assert.equal(answer.status, 422);
  assert.deepEqual(mistakenFields(answer.body), ["Idempotency-Key"]);
});

test("When the items of an order change places, then it is another order: 422", async () => {
  const key = randomUUID();
  const items = [item({ sku: "A" }), item({ sku: "B" })];
  await place(service, newOrder({ items }), withKey(key));

  assert.equal((await place(service, newOrder({ items: items.toReversed() }), withKey(key))).status, 422);
  assert.equal(await rowsOf(key), 1);
});

for (const key of ["k", "!~", "x".repeat(255), '"{$ne:1}"'])
  test(`When the key is ${key.slice(0, 10)} (${key.length} characters), then it is one`, async () => {
    const answer = await place(service, newOrder(), withKey(key));

    assert.equal(answer.status, 201);
    assert.equal(await rowsOf(key), 1);
  });

test("When one order comes 50 times at once, at two replicas, then there is one row and one message", async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => place(index % 2 ? service : replica, newOrder(), withKey(key))),
  );
  const ids = new Set(answers.map(({ body }) => text(body, "id")));

  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(ids.size, 1);
  assert.equal(answers.filter(({ headers }) => headers.get("Idempotency-Replayed") === null).length, 1);
  assert.equal(await rowsOf(key), 1);
  for (const id of ids) await published(service, id);
  assert.deepEqual(await queue.copiesOf(...ids), [...ids]);
});

test("When two orders race for one key, then one is taken, and all who sent the other are told", async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      place(service, newOrder({ currency: index % 2 ? "USD" : "EUR" }), withKey(key)),
    ),
  );
  const taken = answers.filter(({ status }) => status === 201);

  assert.equal(taken.length, 15);
  assert.equal(answers.filter(({ status }) => status === 422).length, 15);
  assert.equal(new Set(taken.map(({ body }) => text(body, "id"))).size, 1);
  assert.equal(await rowsOf(key), 1);
});

test("When the service has started, then the unique index of the keys leaves out orders without one", async () => {
  const indexes = await rows(service).indexes();
  const { unique, sparse } = indexes.find(({ key }) => key["idempotency.key"] === 1) ?? {};

  assert.deepEqual({ unique, sparse }, { unique: true, sparse: true });
});

test("When the collection is dropped, then the next look at /ready builds its unique index again", async () => {
  await rows(service).drop();
  const ready = await call(`${service.url}/ready`);
  const order = newOrder();
  const answers = await Promise.all(Array.from({ length: 10 }, () => place(service, order, withKey("after-the-drop"))));

  assert.equal(ready.status, 200);
  assert.equal(new Set(answers.map(({ body }) => text(body, "id"))).size, 1);
  assert.equal(await rowsOf("after-the-drop"), 1);
});
