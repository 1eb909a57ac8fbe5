import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { call, text } from "../support/http.js";
import { TestQueue } from "../support/queue.js";
import { expectNoLoss, replaceQueue } from "./experiment.js";

const cluster = await Cluster.start({ replicas: 1, folder: testFolder("failures_broker") });
afterAll(() => cluster.remove());

const ordersUrl = (path: string) => `${cluster.orders[0]?.url}${path}`;

test("When the broker is stopped and started under load, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.broker.stop();
    await load.acceptsMore(40);
    await cluster.broker.start();
  }));

test("When the broker is killed under load, then orders are still taken and every one is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.broker.kill();
    await load.acceptsMore(40);
    const ready = await call(ordersUrl("/ready"));
    assert.equal(ready.status, 200);
    await cluster.broker.start();
  }));

test("When the broker is frozen for a while, then orders are still taken and every one is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.broker.freeze();
    await load.acceptsMore(100);
    await cluster.broker.thaw();
  }));

test("When the broker has an alarm, then orders wait in the database and are printed once after it", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    // Of its memory: RabbitMQ watches no disk in a path with a space. Clients are told of both in the same way.
    await cluster.broker.ctl("set_vm_memory_high_watermark", "0.0001");
    await waitUntil(isBlocked, { what: "orders_service is told of the alarm", deadlineMs: 30_000 });
    await load.acceptsMore(100);
    await cluster.broker.ctl("set_vm_memory_high_watermark", "0.4");
  }));

test("When the services start before the broker, then orders are taken, /ready names it, and all are printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.broker.stop();
    for (const service of cluster.services) {
      await service.stop();
      await service.start();
    }
    const ready = await call(ordersUrl("/ready"));
    assert.equal(ready.status, 503);
    assert.equal(text(ready.body, "detail"), "Waiting for rabbitmq.");
    await load.acceptsMore(40);
    await cluster.broker.start();
  }));

test("When the queue is deleted under load, then it is there again and every later order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await replaceQueue(cluster);
    await load.acceptsMore(40);
  }));

test("When all connections are closed by the broker, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.broker.ctl("close_all_connections", "a test closes them");
    await load.acceptsMore(40);
  }));

test("When a peer declares the queue with other arguments under load, then every order is printed once all the same", async (t) => {
  const ofPeer = { durable: true, deadLetterExchange: "of a peer" };
  await expectNoLoss(t, cluster, async (load) => {
    await replaceQueue(cluster, ofPeer);
    await load.acceptsMore(40);
  });
  const queue = await TestQueue.open(cluster.broker.url, "orders_queue");
  await queue.channel.assertQueue(queue.name, ofPeer);
  await queue.close();
});

async function isBlocked(): Promise<boolean> {
  const { body } = await call(ordersUrl("/ready"));
  return /"rabbitmq":\{"status":"down"/.test(JSON.stringify(body));
}
