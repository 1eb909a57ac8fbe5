import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { createDatabase } from "@order-flow/orders_service/config/database.js";
import { createRabbit } from "@order-flow/orders_service/config/rabbit.js";
import { createOrderModel } from "@order-flow/orders_service/models/order.js";
import { OrderService } from "@order-flow/orders_service/services/order_service.js";
import { Outbox } from "@order-flow/orders_service/services/outbox.js";
import { OutboxStore } from "@order-flow/orders_service/services/outbox_store.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { InsertReplies } from "../../test/support/insert_replies.js";
import { someUser } from "../../test/support/orders.js";
import { quietLogger } from "../../test/support/recording_logger.js";
import { databaseUri, testServers, uniqueName } from "../../test/support/services.js";

const logger = quietLogger();
const { replies, uri } = await InsertReplies.inFrontOf(databaseUri(uniqueName("inserts")));
const database = createDatabase(uri, logger);
afterAll(() => database.close());
const orders = createOrderModel(database.connection);
// Never connected, so that no order is published.
const publisher = new Publisher(createRabbit([testServers().rabbitmq], "unused", logger));
const store = new OutboxStore(orders, database);
const outbox = new Outbox({ store, publisher, queue: "unused", logger, observeConfirm: () => {} });
const service = new OrderService(orders, database, outbox, () => {});
database.start();
await waitUntil(() => database.probe(), { what: "the database is up", deadlineMs: 10_000 });

beforeEach(() => {
  replies.inserts = 0;
});

const request = { user_id: someUser, items: [{ sku: "TEA", quantity: 1, unit_price_cents: 300 }], currency: "EUR" };

/** What becomes of orders that are placed in one turn, the first of them with these keys. */
const placeTogether = (count: number, keys: readonly string[] = []) =>
  Promise.allSettled(
    Array.from({ length: count }, (_, place) =>
      service.place(request, { requestId: "r", idempotencyKey: keys[place] }),
    ),
  );

const outcomes = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === "fulfilled" ? "stored" : String(result.reason)));

test("When orders are placed in one turn, then they are stored by one insert", async () => {
  replies.change = (reply) => reply;

  assert.deepEqual(outcomes(await placeTogether(3)), ["stored", "stored", "stored"]);
  assert.equal(replies.inserts, 1);
});

test("When one document is refused, then its order alone fails", async () => {
  const refused = { index: 1, code: 121, errmsg: "Document failed validation" };
  replies.change = (reply) => ({ ...reply, n: Number(reply["n"]) - 1, writeErrors: [refused] });
  const results = outcomes(await placeTogether(3));

  assert.deepEqual(results, ["stored", "MongoServerError: Document failed validation", "stored"]);
});

test("When a key is taken and another document is refused, then one is replayed and one fails", async () => {
  const key = uniqueName("key");
  replies.change = (reply) => reply;
  await placeTogether(1, [key]);
  const refused = { index: 2, code: 121, errmsg: "Document failed validation" };
  replies.change = (reply) => ({
    ...reply,
    n: Number(reply["n"]) - 1,
    writeErrors: [...(reply["writeErrors"] ?? []), refused],
  });
  const results = await placeTogether(3, [key]);
  const replayed = results.map((result) => (result.status === "fulfilled" ? result.value.replayed : result.status));

  assert.deepEqual(replayed, [true, false, "rejected"]);
});

const wholeCommand = [
  ["a write concern is not met", {}],
  [
    "a write concern is not met beside a refused document",
    { n: 2, writeErrors: [{ index: 1, code: 11_000, errmsg: "E11000 duplicate key" }] },
  ],
] as const;

for (const [what, members] of wholeCommand)
  test(`When ${what}, then no order is called stored`, async () => {
    const errmsg = "waiting for replication timed out";
    const writeConcernError = { code: 64, codeName: "WriteConcernTimeout", errmsg };
    replies.change = (reply) => ({ ...reply, ...members, writeConcernError });
    // Those with a key are stored, so that looking for the order of a key would find them.
    const results = outcomes(await placeTogether(3, [uniqueName("key"), uniqueName("key")]));

    assert.deepEqual(new Set(results), new Set(["DatabaseUnavailableError: The database did not confirm the write."]));
  });

test("When the primary steps down, then no order is called stored", async () => {
  replies.change = () => ({ ok: 0, code: 189, codeName: "PrimarySteppedDown", errmsg: "stepped down" });
  const results = outcomes(await placeTogether(3));

  assert.ok(!results.includes("stored"), results.join());
});
