import assert from "node:assert/strict";
import { test } from "node:test";
import { createOrderModel } from "@order-flow/orders_service/models/order.js";
import { OutboxStore } from "@order-flow/orders_service/services/outbox_store.js";
import { Types } from "mongoose";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member } from "../../test/support/http.js";
import { orphan, rows, stored } from "../../test/support/orders.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { startOrdersService } from "../../test/support/services.js";

const { logger, lines } = recordingLogger();

const service = await startOrdersService({}, logger);

const aged = (seconds: number) => new Date(Date.now() - seconds * 1_000);

/** Rows that no sweeper takes while this file runs. */
const waitingSince = (seconds: number, dueInMs = 60_000) => orphan(dueInMs, aged(seconds));

/** Waits until /ready tells that so many orders wait, and returns the age of the oldest, in seconds. */
async function oldestOf(waiting: number): Promise<number> {
  let outbox: unknown;
  const told = async () => {
    const { body } = await call(`${service.url}/ready`);
    outbox = member(member(member(body, "checks"), "mongodb"), "outbox");
    return outbox !== undefined && member(outbox, "waiting") === waiting;
  };
  await waitUntil(told, { what: `/ready tells that ${waiting} wait`, deadlineMs: 60_000 });
  return Number(member(outbox, "oldest_age_seconds"));
}

const logged = (message: string) => lines.filter((line) => line.includes(`"message":"${message}"`));

test("When no order waits, then /ready says that", async () => {
  assert.equal(await oldestOf(0), 0);
});

test("When orders wait, then /ready says how many and since when, and the log warns once", async () => {
  await rows(service).insertOne({ note: "a document of others", outbox: { due_at: new Date() } });
  await rows(service).insertMany([waitingSince(0), waitingSince(90), waitingSince(5), waitingSince(80, 3_600_000)]);
  const age = await oldestOf(4);
  await rows(service).insertOne(waitingSince(70));
  await oldestOf(5);

  assert.ok(age >= 90 && age <= 110, `${age} s`);
  const warnings = logged("orders wait in the outbox");
  assert.equal(warnings.length, 1);
  assert.match(String(warnings[0]), /"level":"warn"/);
  assert.match(String(warnings[0]), /"waiting":4/);
  assert.match(String(warnings[0]), /"oldest_age_seconds":\d+/);
});

test("When thousands of orders wait, then they are all counted", async () => {
  // By the hundred: the stand-in for MongoDB takes its time for more.
  const hundreds = Array.from({ length: 25 }, (_, number) =>
    Array.from({ length: 100 }, () => waitingSince(10, 60_000 + number)),
  );
  for (const orders of hundreds) await rows(service).insertMany(orders);
  await oldestOf(2_505);
  for (const orders of hundreds) await rows(service).deleteMany({ _id: { $in: orders.map(({ _id }) => _id) } });
});

test("When none waits any more, then /ready and the log say that, the log once", async () => {
  await rows(service).deleteMany({});
  const age = await oldestOf(0);
  const over = "no order waits in the outbox any more";
  await waitUntil(() => logged(over).length > 0, { what: "the log says that none waits", deadlineMs: 60_000 });

  assert.equal(age, 0);
  assert.equal(logged(over).length, 1);
  assert.equal(logged("orders wait in the outbox").length, 1);
});

test("When a clock was ahead, then its orders become due in a minute and not at once, and the log says so", async () => {
  const order = orphan(3_600_000, aged(-3_600));
  const foreign = { _id: new Types.ObjectId(), outbox: { due_at: new Date(Date.now() + 3_600_000) } };
  const before = Date.now();
  await rows(service).insertMany([foreign, order]);
  const dueAt = async () => {
    const row = await stored(service, order._id.toHexString());
    return Number(member(row["outbox"], "due_at"));
  };
  await waitUntil(async () => (await dueAt()) !== Number(order.outbox.due_at), {
    what: "its time is changed",
    deadlineMs: 30_000,
  });

  const dueIn = (await dueAt()) - before;
  assert.ok(dueIn >= 60_000 && dueIn <= 60_000 + Date.now() - before, `${dueIn} ms`);
  assert.ok(logged("orders were due too late: a clock was ahead").at(-1)?.includes('"orders":1'));
  assert.deepEqual(await stored(service, foreign._id.toHexString()), foreign, "a document of others stays as it is");
  await rows(service).deleteMany({});
});

test("When replicas' clocks differ a little, then an order with the longest backoff stays as it is", async () => {
  const { database } = service;
  await rows(service).insertOne(orphan(60_900));
  const store = new OutboxStore(createOrderModel(database.connection), database);
  const capped = await store.capDueTimes(AbortSignal.timeout(10_000));
  await rows(service).deleteMany({});

  assert.equal(capped, 0);
});

test("When an order is from the future, then its age is none", async () => {
  await oldestOf(0);
  await rows(service).insertOne(orphan(60_000, aged(-3_600)));
  assert.equal(await oldestOf(1), 0);
});
