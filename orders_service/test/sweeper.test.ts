import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { createRabbit } from "@order-flow/orders_service/config/rabbit.js";
import { createOrderModel, type StoredOrder } from "@order-flow/orders_service/models/order.js";
import { Outbox } from "@order-flow/orders_service/services/outbox.js";
import { OutboxStore } from "@order-flow/orders_service/services/outbox_store.js";
import { Types } from "mongoose";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { orphan, published, rows, someUser, stored } from "../../test/support/orders.js";
import { TestQueue } from "../../test/support/queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
const { logger, lines } = recordingLogger();

const service = await startOrdersService({}, logger);
const queue = await TestQueue.open(rabbitmq, service.queue);

const idOf = ({ _id }: StoredOrder) => _id.toHexString();

test("When a process died before it published an order, then the sweeper does, as it would have been", async () => {
  const order = orphan(-1_000);
  await rows(service).insertOne(order);
  const id = idOf(order);
  const { content, properties } = await queue.messageOf(id);
  const row = await published(service, id);

  assert.deepEqual(JSON.parse(content.toString()), {
    order_id: id,
    user_id: someUser,
    currency: "EUR",
    total_cents: 300,
    created_at: "2026-01-02T03:04:05.678Z",
  });
  assert.equal(properties.correlationId, "of-the-dead");
  assert.equal(properties.timestamp, Date.parse("2026-01-02T03:04:05Z") / 1000);
  assert.equal(properties.deliveryMode, 2);
  assert.equal("outbox" in row, false);
  const isLogged = () => lines.some((line) => line.includes("published by the sweeper") && line.includes(id));
  await waitUntil(isLogged, { what: "it is logged", deadlineMs: 5_000 });
  assert.deepEqual(await queue.copiesOf(id), []);
});

test("When an order is not due, then it waits, while those that are due are published past it", async () => {
  const [later, due] = [orphan(60_000), orphan(-1)];
  await rows(service).insertMany([later, due]);
  await published(service, idOf(due));
  const row = await stored(service, idOf(later));

  assert.equal(row["published_at"], null);
  assert.deepEqual(row["outbox"], later.outbox);
  assert.deepEqual(await queue.copiesOf(idOf(later), idOf(due)), [idOf(due)]);
  await rows(service).deleteOne({ _id: later._id });
});

test("When a document of others in the same collection has an outbox that is due, then it stays as it is", async () => {
  const foreign = { _id: new Types.ObjectId(), created_at: new Date(0), outbox: { due_at: new Date(0), tries: 0 } };
  const order = orphan(-1);
  await rows(service).insertMany([foreign, order]);
  await published(service, idOf(order));

  assert.deepEqual(await stored(service, foreign._id.toHexString()), foreign);
  await rows(service).deleteOne({ _id: foreign._id });
});

test("When more orders are due than a batch takes, then all are published, each once", async () => {
  const orders = Array.from({ length: 450 }, () => orphan(-1));
  await rows(service).insertMany(orders);
  const left = () => rows(service).countDocuments({ "outbox.due_at": { $exists: true } });
  // A claim whose answer came too late, on a busy machine, holds for 30 s.
  await waitUntil(async () => (await left()) === 0, { what: "the outbox is empty", deadlineMs: 60_000 });

  const ids = orders.map(idOf).sort();
  assert.deepEqual(await queue.copiesOf(...ids), ids);
});

test("When orders became due years ago, days ago and just now, then all are published, each once", async () => {
  const minute = 60_000;
  const ages = [10 * 365 * 24 * 60 * minute, 2 * 24 * 60 * minute, minute, minute, 1];
  const orders = ages.flatMap((age) => Array.from({ length: 90 }, () => orphan(-age)));
  await rows(service).insertMany(orders);
  for (const order of orders) await published(service, idOf(order), 60_000);

  const ids = orders.map(idOf).sort();
  assert.deepEqual(await queue.copiesOf(...ids), ids);
});

test("When two sweepers find the same orders at the same time, then each order is published once", async () => {
  const rabbit = createRabbit([rabbitmq], service.queue, logger);
  afterAll(() => rabbit.close());
  rabbit.start();
  await waitUntil(() => rabbit.connection !== undefined, { what: "the second connection is up", deadlineMs: 10_000 });
  const store = new OutboxStore(createOrderModel(service.database.connection), service.database);
  const parts = { store, publisher: new Publisher(rabbit), queue: service.queue, logger, observeConfirm: () => {} };
  const [one, other] = [new Outbox(parts), new Outbox(parts)];
  const due = Array.from({ length: 40 }, () => orphan(-1));
  await rows(service).insertMany(due);
  // Both look at once, and the service's own sweeper is the third.
  one.start();
  other.start();
  afterAll(() => Promise.all([one.stop(), other.stop()]));
  for (const order of due) await published(service, idOf(order));

  const ids = due.map(idOf).sort();
  assert.deepEqual(await queue.copiesOf(...ids), ids);
});

test("When replicas sweep the same backlog, then one that loses a batch goes on with the next", async () => {
  const orders = createOrderModel(service.database.connection);
  const ahead = orders.db.useDb(uniqueName("backlog"));
  const backlog = createOrderModel(ahead);
  afterAll(() => ahead.dropDatabase());
  const due = Array.from({ length: 450 }, (_, place) => orphan(place - 1_000));
  await backlog.collection.insertMany(due);
  const { signal } = new AbortController();
  const [one, other] = [0, 1].map(() => new OutboxStore(backlog, service.database).claimDue(signal));
  const claimed = [await one?.next(), await other?.next(), await one?.next(), await other?.next()];

  const ids = claimed.map((batch) => (batch?.value ?? []).map(idOf));
  const sizes = ids.map(({ length }) => length);
  assert.deepEqual(sizes, [200, 200, 50, 0]);
  assert.deepEqual(ids.flat(), due.map(idOf));
});
