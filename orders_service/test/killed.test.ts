import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { call, text } from "../../test/support/http.js";
import { newOrder, orphan } from "../../test/support/orders.js";
import { plainDatabase } from "../../test/support/own_servers.js";
import { ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { TestQueue } from "../../test/support/queue.js";
import { testServers } from "../../test/support/services.js";

const queue = await TestQueue.create();
const { rabbitmq: RABBITMQ_URL } = testServers();
const { uri: MONGODB_URI, db } = plainDatabase();
const stored = db.collection("orders");

const start = (settings = {}) =>
  ServiceProcess.start("orders_service", { MONGODB_URI, RABBITMQ_URL, ORDERS_QUEUE: queue.name, ...settings });

const [survivor, consumer] = [await start(), await startConsumer(queue)];
await Promise.all([survivor.answers(), consumer.answers()]);

/** A process that is connected to the broker, and whose messages do not arrive there. */
async function startCutOff(): Promise<ServiceProcess> {
  const { proxy, url } = await FaultProxy.inFrontOf(RABBITMQ_URL);
  const service = await start({ RABBITMQ_URL: url });
  await service.answers();
  proxy.mode = "swallow";
  return service;
}

/** Kills the process; returns how many seconds later the order's line is printed. */
async function secondsUntilPrinted(killed: ServiceProcess, id: string): Promise<number> {
  await killed.end("SIGKILL");
  const killedAt = performance.now();
  await waitUntil(() => consumer.output.includes(id), { what: "the order is printed", deadlineMs: 20_000 });
  return (performance.now() - killedAt) / 1_000;
}

// Six seconds are promised, on a machine that is not busy.
const maxSeconds = 12;
const rounds = 2;

test("When it is killed between insert and publish, then the order is printed within seconds", async (t) => {
  for (let round = 0; round < rounds; round += 1) {
    const service = await startCutOff();
    const { status, body } = await call(`${service.url}/orders`, { method: "POST", json: newOrder() });
    assert.equal(status, 201);
    const seconds = await secondsUntilPrinted(service, text(body, "id"));
    t.diagnostic(`printed ${seconds.toFixed(2)} s after the kill`);
    assert.ok(seconds < maxSeconds, `${seconds} s`);
  }
});

test("When it is killed after a sweep's claim, then the order is printed within seconds", async (t) => {
  for (let round = 0; round < rounds; round += 1) {
    const service = await startCutOff();
    survivor.signal("SIGSTOP");
    const order = orphan(-1);
    await stored.insertOne(order);
    const isClaimed = () => stored.findOne({ _id: order._id, "outbox.claim": { $exists: true } });
    await waitUntil(async () => (await isClaimed()) !== null, { what: "its sweeper claims it", deadlineMs: 10_000 });
    survivor.signal("SIGCONT");
    const seconds = await secondsUntilPrinted(service, order._id.toHexString());
    t.diagnostic(`printed ${seconds.toFixed(2)} s after the kill`);
    assert.ok(seconds < maxSeconds, `${seconds} s`);
  }
});
