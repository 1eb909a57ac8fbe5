import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { registerConnectionMetrics, registerDeadLetterMetric } from "@order-flow/common/rabbitmq/metrics.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { connect } from "amqplib";
import { Registry } from "prom-client";
import { freePort } from "../../scripts/runtime/free_port.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { listenLocally } from "../../test/support/listening.js";
import { testBroker } from "../../test/support/own_servers.js";
import { TestQueue } from "../../test/support/queue.js";
import { manage } from "../../test/support/rabbit.js";
import { testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
const name = uniqueName("nodes");
afterAll(async () => (await TestQueue.open(rabbitmq, name)).remove());

const connectTo = (t: TestContext, ...urls: readonly string[]) => manage(t, { urls, queues: [name] });

const nowhere = async () => `amqp://ada:secret@127.0.0.1:${await freePort()}`;

/** The way to the broker through a proxy, as if that were a node. */
async function node() {
  const made = await FaultProxy.inFrontOf(rabbitmq);
  return { ...made, host: new URL(made.url).host };
}

async function twoNodes(query = "") {
  const nodes = [await node(), await node()];
  return { nodes, urls: nodes.map(({ url }) => url + query) };
}

/** Accepts connections and never says a word, as a frozen node. */
async function silentNode() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  const port = await listenLocally(server);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `amqp://127.0.0.1:${port}`, calls: () => sockets.length };
}

test("When two of three URLs lead nowhere, then the third is found, and the log says once why the others are not", async (t) => {
  const urls = [await nowhere(), await nowhere(), rabbitmq];
  for (let start = 0; start < 6; start += 1) {
    const { manager, lines, connected } = connectTo(t, ...urls);
    await connected(2_000);
    const [found, ...more] = lines.filter((line) => line.includes("rabbitmq connected"));
    assert.equal(manager.host, new URL(rabbitmq).host);
    assert.match(found ?? "", new RegExp(`"host":"${manager.host}"`));
    assert.equal(more.length, 0);
    assert.doesNotMatch(lines.join(""), /secret/);
  }
});

test("When managers start, then they begin at nodes at random", async (t) => {
  const { nodes, urls } = await twoNodes();
  const hosts = new Set<string | undefined>();
  // Twenty that begin at one node by chance: once in half a million runs.
  for (let start = 0; start < 20 && hosts.size < 2; start += 1) {
    const { manager, connected } = connectTo(t, ...urls);
    await connected();
    hosts.add(manager.host);
  }
  assert.deepEqual(hosts, new Set(nodes.map(({ host }) => host)));
});

test("When the node in use goes away, then the next one is used, and host and metric name it", async (t) => {
  const { nodes, urls } = await twoNodes();
  const { manager, connected } = connectTo(t, ...urls);
  const registry = new Registry();
  registerConnectionMetrics(registry, { orders: manager });
  await connected();
  const first = nodes.find(({ host }) => host === manager.host);
  const other = nodes.find(({ host }) => host !== manager.host);
  await first?.proxy.close();
  await waitUntil(() => manager.host === other?.host, { what: "the other node is used", deadlineMs: 5_000 });

  const metrics = await registry.metrics();
  assert.match(metrics, /^rabbitmq_reconnects_total{connection="orders"} 1$/m);
  assert.match(metrics, new RegExp(`rabbitmq_connection{connection="orders",host="${other?.host}"} 1`));
  assert.doesNotMatch(metrics, new RegExp(`host="${first?.host}"`));
});

test("When the broker does not respond, then its queue has no figure, and the scrapes open one channel together", async (t) => {
  const { proxy, url } = await node();
  const { manager, connected } = connectTo(t, url);
  const registry = new Registry();
  registerDeadLetterMetric(registry, manager, name);
  const series = async () => /^dead_letter_queue_messages\{.*$/m.exec(await registry.metrics())?.[0];
  await connected();
  assert.equal(await series(), `dead_letter_queue_messages{queue="${name}"} 0`);
  const opened = t.mock.method(manager.connection?.amqpConnection ?? assert.fail(), "createChannel");
  proxy.mode = "swallow";

  assert.deepEqual(await Promise.all([series(), series()]), [undefined, undefined]);
  assert.equal(await series(), undefined);
  assert.equal(opened.mock.callCount(), 1);
});

test("When one of three accepts and then says nothing, then it is left after its handshake timeout", async (t) => {
  const silent = await silentNode();
  // From a random one on: until one begins at the silent node.
  while (silent.calls() === 0) {
    const { connected } = connectTo(t, silent.url, rabbitmq);
    await connected(8_000);
  }
});

test("When all nodes are away for long, then each is tried in every round, and a round comes every 2 s", async (t) => {
  const urls = await Promise.all([nowhere(), nowhere(), nowhere()]);
  const { manager, lines } = connectTo(t, ...urls);
  const waits: number[] = [];
  let lost = 0;
  manager.on("state", (state) => {
    if (state === "disconnected") lost = performance.now();
    if (state === "connecting" && lost > 0) waits.push(performance.now() - lost);
  });
  // Three nodes, six rounds: with a wait that doubles at each try it would be 2 s from the fourth node on.
  await waitUntil(() => waits.length >= 17, { what: "there were six rounds", deadlineMs: 30_000 });
  const betweenRounds = waits.filter((_, index) => index % 3 === 2);
  const withinRounds = waits.filter((_, index) => index % 3 !== 2);

  assert.equal(lines.filter((line) => line.includes("disconnected")).length, 3, "once a node");
  assert.ok(Math.max(...withinRounds) < Math.max(...betweenRounds), `${waits.map(Math.round)}`);
  assert.ok(Math.max(...betweenRounds) < 4_000, `${waits.map(Math.round)}`);
});

test("When confirmations stay away, then the connection is given up and the next node is used", async (t) => {
  const { nodes, urls } = await twoNodes("?heartbeat=0");
  const { manager, connected } = connectTo(t, ...urls);
  const publisher = new Publisher(manager);
  await connected();
  const used = nodes.find(({ host }) => host === manager.host);
  assert.ok(used);
  used.proxy.mode = "swallow";
  await assert.rejects(publisher.publish(name, Buffer.from("x"), {}), /confirmation/);
  await waitUntil(() => manager.host !== used.host, { what: "it is on the other node", deadlineMs: 10_000 });
  await connected();

  await publisher.publish(name, Buffer.from("y"), {});
});

test("When a node answers no heartbeat, then the connection is given up within 10 s", async (t) => {
  const { nodes, urls } = await twoNodes();
  const { manager, connected } = connectTo(t, ...urls);
  await connected();
  const used = nodes.find(({ host }) => host === manager.host);
  assert.ok(used);
  used.proxy.mode = "swallow";
  // With RabbitMQ's usual 10 s it would take 20 s at least.
  await waitUntil(() => manager.connection === undefined || manager.host !== used.host, {
    what: "it is given up",
    deadlineMs: 18_000,
  });
});

test("When the set-up of a consumer is never answered, then the connection is given up after 5 s", async (t) => {
  let setups = 0;
  const { connected } = manage(t, {
    urls: [rabbitmq],
    queues: [name],
    setup: () => {
      setups += 1;
      return setups === 1 ? new Promise(() => {}) : Promise.resolve();
    },
  });
  await connected(15_000);

  assert.equal(setups, 2);
});

test("When a full queue refuses all messages, then few connections are given up, and later it takes them", async (t) => {
  const full = uniqueName("full");
  const client = await connect(rabbitmq);
  const channel = await client.createChannel();
  await channel.assertQueue(full, { arguments: { "x-max-length": 0, "x-overflow": "reject-publish" } });
  const { manager, lines, connected } = manage(t, { urls: [rabbitmq], queues: [] });
  const publisher = new Publisher(manager);
  await connected();
  for (let refused = 0; refused < 200; ) {
    await connected();
    await publisher.publish(full, Buffer.from("x"), {}).catch(() => {
      refused += 1;
    });
  }
  const connections = () => lines.filter((line) => line.includes("rabbitmq connected")).length;
  assert.ok(connections() > 1 && connections() < 10, `${connections()} connections`);
  await channel.deleteQueue(full);
  await channel.assertQueue(full, { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
  await connected();
  await publisher.publish(full, Buffer.from("x"), {});

  // From here on the connection has confirmed one, so a nack is the queue's doing.
  const { connection } = manager;
  await assert.rejects(publisher.publish(full, Buffer.from("x"), {}), /nacked/);
  assert.equal(manager.connection, connection);
  await channel.deleteQueue(full);
  await client.close();
});

test("When the broker is blocked, then missing confirmations cost no connection", async (t) => {
  const broker = await testBroker();
  await broker.start();
  const { manager, lines, connected } = connectTo(t, broker.url);
  const publisher = new Publisher(manager);
  await connected();
  await broker.ctl("set_vm_memory_high_watermark", "0.0001");
  const published = publisher.publish(name, Buffer.from("x"), {});
  await assert.rejects(published, /confirmation/);
  await broker.ctl("set_vm_memory_high_watermark", "0.4");
  await waitUntil(() => manager.connection !== undefined, { what: "it is not blocked any more", deadlineMs: 10_000 });

  assert.equal(lines.filter((line) => line.includes("disconnected")).length, 0);
});
