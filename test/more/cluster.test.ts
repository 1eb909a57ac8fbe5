import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { connect } from "amqplib";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { leaderOf, moveTo, replaceDisk, restartAll, thaw } from "../../scripts/chaos/cluster_faults.js";
import type { OrderLoad } from "../../scripts/chaos/order_load.js";
import { recovered } from "../../scripts/chaos/recovery.js";
import { SilenceWatch } from "../../scripts/chaos/silence_watch.js";
import { keepOrders } from "../../scripts/runtime/broker_cluster.js";
import type { BrokerNode } from "../../scripts/runtime/broker_node.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { expectNoLoss } from "../failures/experiment.js";
import { afterAll } from "../support/cleanup.js";

let cluster: Cluster;

before(async () => {
  cluster = await Cluster.start({ replicas: 1, brokers: 3, folder: testFolder("cluster") });
  afterAll(() => cluster.remove());
  await leaderOf(cluster);
});

/** Has new orders printed while `fault` lasts, tells for how long none was, and heals it. */
async function survives(t: TestContext, load: OrderLoad, fault: () => Promise<unknown>, heal: () => Promise<unknown>) {
  const watch = new SilenceWatch(cluster.printed);
  await fault();
  await recovered(cluster, load);
  await load.acceptsMore(100);
  t.diagnostic(`${watch.stop().toFixed(2)} s without a line`);
  await heal();
  await leaderOf(cluster);
}

const kill = (t: TestContext, load: OrderLoad, node: BrokerNode) => survives(t, load, node.kill, () => node.start());

test("When the node with the connections is killed, then lines go on while it is away, and every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    const leader = await leaderOf(cluster);
    const node = cluster.nodes.find((other) => other !== leader);
    assert.ok(node);
    await moveTo(cluster, node);
    await kill(t, load, node);
  }));

test("When the queue's leader is killed three times, with all connections on it, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    for (let round = 0; round < 3; round += 1) {
      const leader = await leaderOf(cluster);
      await moveTo(cluster, leader);
      await kill(t, load, leader);
    }
  }));

test("When the queue's leader is frozen with all connections on it, then lines go on, and every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    const leader = await leaderOf(cluster);
    await moveTo(cluster, leader);
    await survives(t, load, leader.freeze, () => thaw(cluster, leader));
  }));

test("When two of three nodes are away, then calls are still 201, and all is printed once they are back", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    const [one, other] = cluster.nodes;
    await Promise.all([one?.kill(), other?.kill()]);
    const { retries } = load;
    await load.acceptsMore(300);
    assert.equal(load.retries, retries, "calls that were not 201");
    await Promise.all([one?.start(), other?.start()]);
    await leaderOf(cluster);
  }));

test("When all nodes are restarted one after the other under load, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async () => {
    const watch = new SilenceWatch(cluster.printed);
    await restartAll(cluster);
    t.diagnostic(`${watch.stop().toFixed(2)} s without a line at most`);
  }));

test("When a node comes back without its data and joins again, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async () => {
    await replaceDisk(cluster, await leaderOf(cluster));
  }));

/** Takes the message and loses the connection, again and again; returns how often it was there, at most `max` times. */
async function deliveries(url: string, queue: string, max: number): Promise<number> {
  const take = async () => {
    const client = await connect(url);
    const taken = await (await client.createChannel()).get(queue);
    await client.close();
    return taken !== false;
  };
  for (let times = 0; times < max; times += 1)
    try {
      await waitUntil(take, { what: "it is delivered again", deadlineMs: 10_000 });
    } catch {
      return times;
    }
  return max;
}

test("When a delivery limit is set, then lost consumers cost an order, and with our policies none", async () => {
  const node = cluster.nodes[0] ?? assert.fail("no node");
  const [queue, letters] = ["limited", "limited.dlq"];
  const client = await connect(node.url);
  const channel = await client.createConfirmChannel();
  for (const name of [queue, letters]) await channel.assertQueue(name, { arguments: { "x-queue-type": "quorum" } });
  const publish = async () => {
    for (const name of [queue, letters]) channel.sendToQueue(name, Buffer.from("x"), { persistent: true });
    await channel.waitForConfirms();
  };
  const delivered = () => Promise.all([queue, letters].map((name) => deliveries(node.url, name, 8)));

  // What RabbitMQ 4 has by itself, with 20.
  await node.ctl("set_policy", "limit", "^limited", '{"delivery-limit":2}', "--apply-to", "queues");
  await publish();
  assert.deepEqual(await delivered(), [3, 3], "and then it is lost");
  await keepOrders(node, queue, cluster.broker.kind.includes("RabbitMQ 3."));
  await publish();
  assert.deepEqual(await delivered(), [8, 8]);
  for (const name of [queue, letters]) await channel.deleteQueue(name);
  await client.close();
});
