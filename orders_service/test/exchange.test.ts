import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { asyncApi } from "../../test/support/documented_message.js";
import { call, text } from "../../test/support/http.js";
import { place, published, stored } from "../../test/support/orders.js";
import { addUser, testBroker } from "../../test/support/own_servers.js";
import { TestQueue } from "../../test/support/queue.js";
import { ready, startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
const exchange = uniqueName("exchange");
const service = await startOrdersService({ ORDERS_EXCHANGE: exchange });
const queue = await TestQueue.open(rabbitmq, service.queue);
const second = await boundQueue(rabbitmq, exchange);
afterAll(async () => {
  await second.channel.deleteExchange(exchange);
  await second.remove();
});

/** The queue of a second consumer. */
async function boundQueue(url: string, to: string, maxLength = 100_000): Promise<TestQueue> {
  const bound = await TestQueue.open(url, uniqueName("second"));
  await bound.channel.assertQueue(bound.name, { maxLength, arguments: { "x-overflow": "reject-publish" } });
  await bound.channel.bindQueue(bound.name, to, "order.created");
  return bound;
}

const placed = async (at = service) => text((await place(at)).body, "id");

test("When an order is placed, then it is in orders_queue and, with the same message, on the exchange", async () => {
  const id = await placed();
  const [direct, bound] = [await queue.messageOf(id), await second.messageOf(id)];

  assert.deepEqual([direct.fields.exchange, direct.fields.routingKey], ["", service.queue]);
  assert.deepEqual([bound.fields.exchange, bound.fields.routingKey], [exchange, asyncApi.channels.orderEvents.address]);
  assert.deepEqual([bound.content, bound.properties], [direct.content, direct.properties]);
});

test("When another client declares the exchange as it is documented, then it agrees", async () => {
  const { type, durable, autoDelete } = asyncApi.channels.orderEvents.bindings.amqp.exchange;
  await second.channel.assertExchange(exchange, type, { durable, autoDelete });
});

test("When nobody is bound to the exchange, then orders are published all the same", async () => {
  await second.channel.unbindQueue(second.name, exchange, "order.created");
  const id = await placed();
  await published(service, id);
  await second.channel.bindQueue(second.name, exchange, "order.created");

  assert.deepEqual(await queue.copiesOf(id), [id]);
});

test("When orders_queue is deleted and orders come in a burst, then each arrives in both queues, once", async () => {
  await queue.channel.deleteQueue(service.queue);
  const ids = (await Promise.all(Array.from({ length: 100 }, () => placed()))).sort();
  for (const id of ids) await published(service, id);

  assert.deepEqual(await queue.copiesOf(...ids), ids);
  assert.deepEqual(await second.copiesOf(...ids), ids);
});

test("When the queue of a second consumer is full, then orders are in orders_queue, and published once it has room", async () => {
  const full = await boundQueue(rabbitmq, exchange, 1);
  afterAll(() => full.remove());
  await published(service, await placed());
  const id = await placed();
  await queue.messageOf(id);
  const refused = async () => (await stored(service, id))["outbox"].tries > 0;
  await waitUntil(refused, { what: "the sweeper has tried again", deadlineMs: 15_000 });

  assert.equal((await stored(service, id))["published_at"], null);
  // One alone: the retried order may be next.
  await full.next();
  await published(service, id);
  assert.deepEqual(await full.copiesOf(id), [id]);
});

test("When the exchange is deleted, then it is declared again, and orders_queue has each order once", async () => {
  await second.channel.deleteExchange(exchange);
  const ids = (await Promise.all(Array.from({ length: 100 }, () => placed()))).sort();
  for (const id of ids) await published(service, id);

  assert.deepEqual(await queue.copiesOf(...ids), ids);
  await second.channel.bindQueue(second.name, exchange, "order.created");
});

for (const [how, type, durable, reason] of [
  ["another type", "fanout", true, "inequivalent arg 'type'"],
  ["not durable", "topic", false, "inequivalent arg 'durable'"],
] as const)
  test(`When a peer has declared the exchange as ${how}, then orders wait, and /ready says why`, async () => {
    const name = uniqueName("exchange");
    await second.channel.assertExchange(name, type, { durable });
    const refusing = await startOrdersService({ ORDERS_EXCHANGE: name }, undefined, { untilReady: false });
    await waitUntil(() => refusing.database.probe(), { what: "the database is up", deadlineMs: 10_000 });
    const id = await placed(refusing);
    const saysSo = async () => JSON.stringify((await call(`${refusing.url}/ready`)).body).includes(reason);
    await waitUntil(saysSo, { what: `/ready says "${reason}"`, deadlineMs: 10_000 });
    assert.equal((await stored(refusing, id))["published_at"], null);

    await second.channel.deleteExchange(name);
    await published(refusing, id);
    await ready(refusing);
    await second.channel.deleteExchange(name);
  });

test("When the user may not declare or write to the exchange, then it is used once he may, and no order is there twice", async () => {
  const broker = await testBroker();
  await broker.start();
  const name = uniqueName("orders");
  const direct = await TestQueue.open(broker.url, name);
  await direct.channel.assertExchange("orders", "topic");
  const bound = await boundQueue(broker.url, "orders");
  const url = await addUser(broker, { configure: `^${name}$`, write: `^(${name}|amq\\.default)$` });
  const limited = await startOrdersService({ RABBITMQ_URL: url, ORDERS_QUEUE: name, ORDERS_EXCHANGE: "orders" });
  const id = await placed(limited);
  const refused = async () => (await stored(limited, id))["outbox"].tries > 1;
  await waitUntil(refused, { what: "it was tried several times", deadlineMs: 15_000 });
  await broker.ctl("set_permissions", new URL(url).username, `^${name}$`, ".*", ".*");
  await published(limited, id, 30_000);

  assert.deepEqual(await direct.copiesOf(id), [id]);
  assert.deepEqual(await bound.copiesOf(id), [id]);
});
