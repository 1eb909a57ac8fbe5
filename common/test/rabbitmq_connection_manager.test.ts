import assert from "node:assert/strict";
import { test } from "node:test";
import type { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import type { ConsumeMessage } from "amqplib";
import { freePort } from "../../scripts/runtime/free_port.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { TestQueue } from "../../test/support/queue.js";
import { manage } from "../../test/support/rabbit.js";
import { testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
const name = uniqueName("managed");

afterAll(async () => (await TestQueue.open(rabbitmq, name)).remove());

const options = { urls: [rabbitmq], queues: [name] };

/** The next connection after `lost`. */
async function nextConnection(
  manager: RabbitConnectionManager,
  lost: RabbitConnection | undefined,
): Promise<RabbitConnection> {
  const there = () => manager.connection !== undefined && manager.connection !== lost;
  await waitUntil(there, { what: "there is another connection", deadlineMs: 15_000 });
  return manager.connection ?? assert.fail();
}

test("When it has connected, then it is connected, its queue is there, and that is logged once", async (t) => {
  const { connected, states, lines } = manage(t, options);
  await connected();
  const queue = await TestQueue.open(rabbitmq, name);

  assert.equal((await queue.channel.checkQueue(name)).queue, name);
  assert.deepEqual(states, ["connecting", "connected"]);
  assert.equal(lines.filter((line) => line.includes("rabbitmq connected")).length, 1);
});

const losses: readonly (readonly [string, (connection: RabbitConnection) => unknown])[] = [
  ["the connection is closed", ({ amqpConnection }) => amqpConnection.close()],
  ["the channel is closed", ({ channel }) => channel.close()],
  ["the broker closes the channel", ({ channel }) => channel.publish("no-such-exchange", "", Buffer.from(""))],
  ["its user gives it up", (connection) => connection.fail(new Error("the consumer was cancelled"))],
];
for (const [what, lose] of losses)
  test(`When ${what}, then a new connection is opened, and the old one stays closed`, async (t) => {
    const { manager, connected, states } = manage(t, options);
    await connected();
    const old = manager.connection;
    assert.ok(old);
    await lose(old);
    const connection = await nextConnection(manager, old);

    assert.equal(old.isOpen, false);
    assert.equal(connection.isOpen, true);
    assert.notEqual(connection.amqpConnection, old.amqpConnection);
    assert.deepEqual(states, ["connecting", "connected", "disconnected", "connecting", "connected"]);
  });

test("When a connection is replaced, then its set-up runs again before the new one is used", async (t) => {
  const prepared: RabbitConnection[] = [];
  const connectedDuringSetup: boolean[] = [];
  let current: RabbitConnectionManager | undefined;
  const { manager, connected } = manage(t, {
    ...options,
    setup: async (connection) => {
      prepared.push(connection);
      connectedDuringSetup.push(current?.connection !== undefined);
    },
  });
  current = manager;
  await connected();
  const first = manager.connection;
  first?.fail(new Error("lost"));
  const second = await nextConnection(manager, first);

  assert.deepEqual(prepared, [first, second]);
  assert.deepEqual(connectedDuringSetup, [false, false]);
});

test("When its set-up fails, then it tries again until it does not", async (t) => {
  let attempts = 0;
  const { connected, lines } = manage(t, {
    ...options,
    setup: async () => {
      attempts += 1;
      if (attempts < 4) throw new Error(attempts < 3 ? "not yet" : "soon");
    },
  });
  await connected();

  assert.equal(attempts, 4);
  const reasons = lines.map((line) => /"reason":"(not yet|soon)"/.exec(line)?.[1]).filter(Boolean);
  assert.deepEqual(reasons, ["not yet", "soon"], "each reason is one line");
});

test("When nobody listens at its address, then it tries on, and close ends that", async (t) => {
  const { manager, states } = manage(t, { ...options, urls: [`amqp://127.0.0.1:${await freePort()}`] });
  const attempts = () => states.filter((state) => state === "connecting").length;
  await waitUntil(() => attempts() >= 3, { what: "it has tried three times", deadlineMs: 10_000 });
  assert.equal(manager.connection, undefined);
  await manager.close();

  assert.equal(states.at(-1), "closed");
});

test("When it is closed while connected, then the connection is closed, and it does not connect again", async (t) => {
  const { manager, connected, states } = manage(t, options);
  await connected();
  const connection = manager.connection;
  await manager.close();

  assert.equal(connection?.isOpen, false);
  assert.equal(manager.connection, undefined);
  assert.deepEqual(states, ["connecting", "connected", "closed"]);
});

test("When a message is acked while the connection is being closed, then nothing happens, and the message comes again", async (t) => {
  const queue = await TestQueue.open(rabbitmq, name);
  let delivered: ConsumeMessage | null = null;
  const setup = async ({ channel }: RabbitConnection) => {
    await channel.consume(name, (message) => {
      delivered = message;
    });
  };
  const { manager, connected } = manage(t, { ...options, setup });
  await connected();
  await queue.publish(["x"]);
  await waitUntil(() => delivered !== null, { what: "the message is delivered", deadlineMs: 10_000 });
  const { connection } = manager;
  const closing = manager.close();
  connection?.ack(delivered ?? assert.fail());
  await closing;

  await queue.holds(1);
  await queue.all();
});

test("When the broker stays away, then it is asked at least every 2 s, so that its return is noticed soon", async (t) => {
  const { manager } = manage(t, { ...options, urls: [`amqp://127.0.0.1:${await freePort()}`] });
  const delays: number[] = [];
  let disconnectedAt = 0;
  manager.on("state", (state) => {
    if (state === "disconnected") disconnectedAt = performance.now();
    if (state === "connecting" && disconnectedAt > 0) delays.push(performance.now() - disconnectedAt);
  });
  // By then a delay that doubles without that limit is 6.4 to 12.8 s.
  await waitUntil(() => delays.length === 7, { what: "it has tried seven times again", deadlineMs: 60_000 });

  assert.ok(Math.max(...delays) < 6_400, `${delays.map(Math.round)} ms`);
});
