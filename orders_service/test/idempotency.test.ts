import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { type Answer, member, text } from "../../test/support/http.js";
import { newOrder, place, placeText, published, rows, someUser } from "../../test/support/orders.js";
import { TestQueue } from "../../test/support/queue.js";
import { startOrdersService, testServers } from "../../test/support/services.js";

const service = await startOrdersService();
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);

const withKey = (key: string) => ({ "Idempotency-Key": key });
const rowsOf = (key: string) => rows(service).countDocuments({ "idempotency.key": key });

function assertReplay(answer: Answer, first: Answer): void {
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("Idempotency-Replayed"), "true");
  assert.equal(answer.headers.get("Location"), first.headers.get("Location"));
  assert.deepEqual({ ...Object(answer.body), published_at: null }, first.body);
}

test("When an order is sent again with its key, then it is answered again: one row, one message", async () => {
  const key = randomUUID();
  const first = await place(service, newOrder(), withKey(key));
  const again = await place(service, newOrder(), withKey(key));
  const id = text(first.body, "id");

  assert.equal(first.status, 201);
  assert.equal(first.headers.get("Idempotency-Replayed"), null);
  assertReplay(again, first);
  assert.equal(await rowsOf(key), 1);
  await published(service, id);
  assert.deepEqual(await queue.copiesOf(id), [id]);
});

test("When an order is replayed after it was published, then the answer says when that was", async () => {
  const key = randomUUID();
  const first = await place(service, newOrder(), withKey(key));
  const row = await published(service, text(first.body, "id"));
  const again = await place(service, newOrder(), withKey(key));

  assert.equal(member(again.body, "published_at"), row["published_at"].toISOString());
});

test("When the same order comes with its members in another order, then it is a replay", async () => {
  const key = randomUUID();
  const first = await place(service, newOrder({ currency: "EUR" }), withKey(key));
  const [{ sku, quantity, unit_price_cents }] = Object(first.body).items;
  const turned = { currency: "EUR", items: [{ unit_price_cents, sku, quantity }], user_id: someUser };

  assertReplay(await place(service, turned, withKey(key)), first);
  assert.equal(await rowsOf(key), 1);
});

test("When the same order names the default currency and its user in capitals, then it is a replay", async () => {
  const key = randomUUID();
  const first = await place(service, newOrder(), withKey(key));
  const spelledOut = newOrder({ currency: "USD", user_id: someUser.toUpperCase() });

  assertReplay(await place(service, spelledOut, withKey(key)), first);
  assert.equal(await rowsOf(key), 1);
});

test("When the numbers of the same order are written otherwise, then it is a replay", async () => {
  const key = randomUUID();
  const body = (price: string) =>
    `{"user_id":"${someUser}","items":[{"sku":"A","quantity":1,"unit_price_cents":${price}}]}`;
  const first = await placeText(service, body("0"), withKey(key));

  for (const zero of ["-0", "0.0", "0e5"]) assertReplay(await placeText(service, body(zero), withKey(key)), first);
  assert.equal(await rowsOf(key), 1);
});

test("When the same order comes with other keys or none, then each is an order of its own", async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const answers = [
    await place(service, newOrder(), withKey(one)),
    await place(service, newOrder(), withKey(other)),
    await place(service),
    await place(service),
  ];
  const ids = answers.map(({ body }) => text(body, "id"));

  assert.equal(new Set(ids).size, 4);
  const replayed = answers.map(({ headers }) => headers.get("Idempotency-Replayed"));
  assert.deepEqual(replayed, [null, null, null, null]);
  for (const id of ids) await published(service, id);
  assert.deepEqual(await queue.copiesOf(...ids), ids.sort());
});

test("When a refused order is mended and sent with the same key, then it is taken", async () => {
  const key = randomUUID();
  const refused = await place(service, newOrder({ items: [] }), withKey(key));
  const mended = await place(service, newOrder(), withKey(key));

  assert.equal(refused.status, 422);
  assert.equal(mended.status, 201);
  assert.equal(mended.headers.get("Idempotency-Replayed"), null);
});

test("When orders come at once and two have the same key, then one of these is a replay and all others are new", async () => {
  const key = randomUUID();
  const keys = [undefined, key, undefined, key, randomUUID()];
  const answers = await Promise.all(keys.map((each) => place(service, newOrder(), each ? withKey(each) : {})));

  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal(answers.filter(({ headers }) => headers.has("Idempotency-Replayed")).length, 1);
  assert.equal(new Set(answers.map(({ body }) => text(body, "id"))).size, 4);
  assert.equal(await rowsOf(key), 1);
});
