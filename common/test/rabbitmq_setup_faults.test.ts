import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { ensureQueue } from "@order-flow/common/rabbitmq/queues.js";
import type { ChannelModel } from "amqplib";
import { connectToBroker } from "../../scripts/runtime/clients.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { listenLocally } from "../../test/support/listening.js";
import { TestQueue } from "../../test/support/queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { closeTogether } from "../../test/support/replica_set_proxy.js";
import { testServers, uniqueName } from "../../test/support/services.js";

const broker = new URL(testServers().rabbitmq);
const name = uniqueName("faults");

afterAll(async () => (await TestQueue.open(broker.href, name)).remove());

type Fault = (client: Socket) => unknown;

interface Way {
  readonly url: string;
  calls(): number;
  /** How many of the calls stand. */
  open(): number;
  close(): void;
}

/**
 * A way to the broker on which the first connection meets `fault` in place of the broker's answer number `answers`,
 * counted from 0; later connections are sound.
 */
async function faultyWay(answers: number, fault: Fault): Promise<Way> {
  const open = new Set<Socket>();
  let calls = 0;
  const server = createServer((client) => {
    calls += 1;
    open.add(client);
    client.on("close", () => open.delete(client));
    const upstream = connect(Number(broker.port), broker.hostname);
    let left = calls === 1 ? answers : Number.POSITIVE_INFINITY;
    upstream.on("data", (chunk) => {
      if (left > 0) client.write(chunk);
      if (left === 0) fault(client);
      left -= 1;
    });
    client.on("data", (chunk) => upstream.write(chunk));
    closeTogether(client, upstream, new Set());
  });
  const url = new URL(broker);
  url.port = `${await listenLocally(server)}`;
  return { url: url.href, calls: () => calls, open: () => open.size, close: () => server.close() };
}

/** Connects by that way until it is up, and publishes one message. */
async function recover(answers: number, fault: Fault): Promise<void> {
  const way = await faultyWay(answers, fault);
  const manager = new RabbitConnectionManager({ urls: [way.url], queues: [name], logger: recordingLogger().logger });
  const publisher = new Publisher(manager);
  manager.start();
  try {
    await waitUntil(() => publisher.isReady, { what: `it recovers from answer ${answers}`, deadlineMs: 20_000 });
    await publisher.publish(name, Buffer.from("x"), {});
    assert.equal(way.calls(), 2);
    await waitUntil(() => way.open() === 1, { what: "the connection that was given up is closed", deadlineMs: 3_000 });
  } finally {
    await manager.close();
    way.close();
  }
}

// Start, tune, open-ok, channel open-ok, declare-ok, channel close-ok, channel open-ok, confirm select-ok.
const setUp = [0, 1, 2, 3, 4, 5, 6, 7];

for (const [what, fault] of [
  ["the connection is reset", (client: Socket) => client.resetAndDestroy()],
  ["the connection is closed", (client: Socket) => client.end()],
  ["the broker says no more", () => {}],
  ["the broker talks nonsense", (client: Socket) => client.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
] as const)
  test(`When ${what} at any step of its set-up, then the next one is used, and the process lives`, async () => {
    await Promise.all(setUp.map((step) => recover(step, fault)));
  });

for (const [how, options] of [
  ["with a limit", { maxLength: 1_000 }],
  ["with a limit that drops the oldest", { maxLength: 1_000, arguments: { "x-overflow": "drop-head" } }],
  ["with a time to live", { messageTtl: 60_000 }],
  ["with a limit of deliveries", { arguments: { "x-queue-type": "quorum", "x-delivery-limit": 3 } }],
  ["with an expiry", { expires: 3_600_000 }],
  ["as a stream", { arguments: { "x-queue-type": "stream" } }],
] as const)
  test(`When a queue ${how} is deleted while its arguments are found out, then it is not made again with them`, async () => {
    const queue = uniqueName("race");
    const peer = await TestQueue.open(broker.href, queue);
    await peer.channel.assertQueue(queue, options);
    const { logger } = recordingLogger();
    const amqp = await connectToBroker(broker.href, 10_000);
    let channels = 0;
    const createChannel = async () => {
      channels += 1;
      if (channels === 2) await peer.channel.deleteQueue(queue);
      return amqp.createChannel();
    };
    const racing: ChannelModel = Object.assign(Object.create(amqp), { createChannel });
    await ensureQueue(racing, queue, logger).catch(() => {});
    if (channels < 2) await peer.channel.deleteQueue(queue);
    await ensureQueue(amqp, queue, logger);
    await peer.channel.deleteQueue(queue);
    await amqp.close();
  });
