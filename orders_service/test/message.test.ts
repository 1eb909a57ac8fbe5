import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "../../test/support/http.js";
import { item, newOrder, place, someUser } from "../../test/support/orders.js";
import { TestQueue } from "../../test/support/queue.js";
import { startOrdersService, testServers } from "../../test/support/services.js";

const service = await startOrdersService();
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);

test("When an order is placed, then the message has exactly the properties of the contract", async () => {
  const answer = await place(service, newOrder(), { "X-Request-Id": "req-7.of_a-test" });
  const id = text(answer.body, "id");
  const { properties } = await queue.next();

  assert.deepEqual(properties, {
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers: { "x-schema-version": 1 },
    deliveryMode: 2,
    priority: undefined,
    correlationId: "req-7.of_a-test",
    replyTo: undefined,
    expiration: undefined,
    messageId: id,
    timestamp: Math.floor(Date.parse(text(answer.body, "created_at")) / 1000),
    type: "order.created",
    userId: undefined,
    appId: "orders_service",
    clusterId: undefined,
  });
});

test("When an order is placed, then the body of the message has exactly the fields of the contract", async () => {
  const items = [item({ quantity: 3, unit_price_cents: 5 })];
  const answer = await place(service, newOrder({ items, currency: "JPY" }));
  const { content } = await queue.next();

  assert.deepEqual(JSON.parse(content.toString("utf8")), {
    order_id: text(answer.body, "id"),
    user_id: someUser,
    currency: "JPY",
    total_cents: 15,
    created_at: text(answer.body, "created_at"),
  });
});

test("When an order is placed, then it goes through the default exchange, once", async () => {
  await place(service);
  const { fields } = await queue.next();

  assert.equal(fields.exchange, "");
  assert.equal(fields.routingKey, service.queue);
  assert.equal(fields.redelivered, false);
  assert.equal(fields.messageCount, 0);
});

test("When the client sends no X-Request-Id, then the message carries the one that was made for it", async () => {
  const answer = await place(service);
  const { properties } = await queue.next();

  assert.match(String(properties.correlationId), /^[A-Za-z0-9._-]{1,128}$/);
  assert.equal(properties.correlationId, answer.headers.get("X-Request-Id"));
});

test("When the client's X-Request-Id is not fit to be one, then it does not reach the queue", async () => {
  const answer = await place(service, newOrder(), { "X-Request-Id": "two words" });
  const { properties } = await queue.next();

  assert.notEqual(properties.correlationId, "two words");
  assert.equal(properties.correlationId, answer.headers.get("X-Request-Id"));
});

test("When an order is refused, then nothing reaches the queue before the next order", async () => {
  const refused = await place(service, newOrder({ items: [] }));
  const next = await place(service);
  const { properties } = await queue.next();

  assert.equal(refused.status, 422);
  assert.equal(properties.messageId, text(next.body, "id"));
});

test("When thirty orders are placed one after the other, then their messages come in that order", async () => {
  const ids: string[] = [];
  for (let placed = 0; placed < 30; placed += 1) ids.push(text((await place(service)).body, "id"));
  const arrived: unknown[] = [];
  while (arrived.length < ids.length) arrived.push((await queue.next()).properties.messageId);

  assert.deepEqual(arrived, ids);
});

test("When another client declares the queue durable, then it agrees with how the service declared it", async () => {
  const { queue: name } = await queue.channel.assertQueue(service.queue, { durable: true });
  assert.equal(name, service.queue);
});

for (const [what, options] of [
  ["not durable", { durable: false }],
  ["durable with a dead-letter exchange", { durable: true, deadLetterExchange: "dlx" }],
  ["a quorum queue", { durable: true, arguments: { "x-queue-type": "quorum" } }],
] as const)
  test(`When another client declares the queue ${what}, then the broker refuses: it is not that`, async () => {
    const other = await TestQueue.open(testServers().rabbitmq, service.queue);

    await assert.rejects(other.channel.assertQueue(service.queue, options), /PRECONDITION/);
    await other.close();
  });
