import { type TestContext, test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import type { OrderLoad } from "../../scripts/chaos/order_load.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { TestQueue } from "../support/queue.js";
import { expectNoLoss, replaceQueue } from "./experiment.js";

const [exchange, boundQueue] = ["orders", "second_consumer"];
const env = { ORDERS_EXCHANGE: exchange };
const cluster = await Cluster.start({ replicas: 1, folder: testFolder("failures_second_consumer"), env });
afterAll(() => cluster.remove());
const queue = await TestQueue.open(cluster.broker.url, boundQueue);
await queue.channel.assertQueue(boundQueue);
await queue.channel.bindQueue(boundQueue, exchange, "order.created");
await queue.close();

/** Beside what `expectNoLoss` checks: the second consumer has every accepted order too. */
async function reachesBoth(t: TestContext, fault: (load: OrderLoad) => Promise<void>): Promise<void> {
  const loads: OrderLoad[] = [];
  await expectNoLoss(t, cluster, (load) => {
    loads.push(load);
    return fault(load);
  });
  const queue = await TestQueue.open(cluster.broker.url, boundQueue);
  const arrived = new Set<unknown>();
  const hasAll = async () => {
    for (const { properties } of await queue.all()) arrived.add(properties.messageId);
    return loads.every(({ accepted }) => [...accepted.keys()].every((id) => arrived.has(id)));
  };
  await waitUntil(hasAll, { what: "the second consumer has every order", deadlineMs: 30_000 });
  await queue.close();
}

test("When orders_queue is deleted under load, then every order reaches a second consumer too", (t) =>
  reachesBoth(t, async (load) => {
    await replaceQueue(cluster);
    await load.acceptsMore(40);
  }));

test("When the broker is killed under load, then every order reaches a second consumer too", (t) =>
  reachesBoth(t, async (load) => {
    await cluster.broker.kill();
    await load.acceptsMore(40);
    await cluster.broker.start();
  }));

test("When orders_service is killed under load, then every order reaches a second consumer too", (t) =>
  reachesBoth(t, async (load) => {
    for (const service of cluster.orders) {
      await service.kill();
      await service.start();
    }
    await load.acceptsMore(40);
  }));

test("When the exchange is deleted under load, then it is declared again, and every order is printed once", async (t) => {
  const queue = await TestQueue.open(cluster.broker.url, boundQueue);
  await expectNoLoss(t, cluster, async (load) => {
    await queue.channel.deleteExchange(exchange);
    await load.acceptsMore(40);
  });
  // Throws if it is not there.
  await queue.channel.checkExchange(exchange);
  await queue.close();
});
