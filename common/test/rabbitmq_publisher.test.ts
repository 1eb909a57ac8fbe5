import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { PublishError, RefusedError, UnsentError } from "@order-flow/common/rabbitmq/publish_error.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import { TimeoutError } from "@order-flow/common/util/timeout.js";
import type { GetMessage } from "amqplib";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { TestQueue } from "../../test/support/queue.js";
import { manage } from "../../test/support/rabbit.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq: url } = testServers();
const { logger } = recordingLogger();
const name = uniqueName("messages");
const manager = new RabbitConnectionManager({ urls: [url], queues: [name], logger });
const publisher = new Publisher(manager);
manager.start();
await waitUntil(() => publisher.isReady, { what: "the publisher is ready", deadlineMs: 10_000 });
const queue = await TestQueue.open(url, name);
afterAll(() => queue.remove());
afterAll(() => manager.close());

beforeEach(async () => {
  await queue.channel.assertQueue(name, { durable: true });
  await queue.channel.purgeQueue(name);
});

const textOf = ({ content }: GetMessage) => content.toString();
const say = (text: string) => publisher.publish(name, Buffer.from(text), {});

test("When a publish resolves, then the message is in the queue, persistent, under an id of its own", async () => {
  await say("one");
  await say("two");
  const messages = await queue.all();

  assert.deepEqual(messages.map(textOf), ["one", "two"]);
  const modes = messages.map(({ properties }) => properties.deliveryMode);
  assert.deepEqual(modes, [2, 2]);
  assert.equal(new Set(messages.map(({ properties }) => properties.messageId)).size, 2);
});

test("When a caller asks for a transient message, then it is persistent all the same", async () => {
  await publisher.publish(name, Buffer.from("x"), { persistent: false, messageId: "mine" });
  const { properties } = await queue.next();

  assert.equal(properties.deliveryMode, 2);
  assert.equal(properties.messageId, "mine");
});

test("When the queue was deleted, then it is made again and the message is in it", async () => {
  await queue.channel.deleteQueue(name);
  await say("after");

  assert.equal((await queue.next()).content.toString(), "after");
});

test("When the queue was deleted under 1,500 messages, then it is made once, and each is in it once", async (t) => {
  assert.ok(manager.connection);
  const channels = t.mock.method(manager.connection.amqpConnection, "createChannel");
  await queue.channel.deleteQueue(name);
  const texts = Array.from({ length: 1_500 }, (_, index) => `m${index}`);
  await Promise.all(texts.map(say));

  const arrived = (await queue.all()).map(textOf);
  assert.deepEqual(arrived.sort(), texts.sort());
  assert.ok(channels.mock.callCount() < 20, `${channels.mock.callCount()} channels to declare it`);
});

test("When the queue was deleted and each reply takes two seconds, then the publish ends after five all the same", async (t) => {
  const { proxy, url: slowUrl } = await FaultProxy.inFrontOf(url);
  const { manager: slow, connected } = manage(t, { urls: [slowUrl], queues: [name] });
  await connected();
  await queue.channel.deleteQueue(name);
  proxy.mode = { delayMs: 2_000 };
  const published = new Publisher(slow).publish(name, Buffer.from("x"), {}).catch((error: unknown) => error);
  const ended = await Promise.race([published, sleep(6_000, "not yet")]);

  assert.ok(ended instanceof TimeoutError, String(ended));
});

test("When a message goes to a queue that nobody declares, then the publish fails and says which", async () => {
  const stray = publisher.publish(`${name}.stray`, Buffer.from("x"), {});

  await assert.rejects(stray, (error) => {
    assert.ok(error instanceof PublishError);
    assert.match(error.message, new RegExp(`${name}.stray does not exist`));
    assert.ok(!(error instanceof UnsentError));
    return true;
  });
});

test("When one message can't be routed, then those sent beside it are not taken for it", async () => {
  const stray = publisher.publish(`${name}.stray`, Buffer.from("x"), {});
  await Promise.all([say("a"), say("b"), assert.rejects(stray), say("c")]);

  assert.deepEqual((await queue.all()).map(textOf), ["a", "b", "c"]);
});

test("When too many messages are in flight, then the next is refused at once, and later there is room", async () => {
  const results = await Promise.allSettled(Array.from({ length: 2_001 }, () => say("x")));
  const refused = results.filter(({ status }) => status === "rejected");

  assert.equal(refused.length, 1);
  assert.equal(results.at(-1)?.status, "rejected");
  const { reason } = Object(refused[0]);
  assert.ok(reason instanceof UnsentError);
  await say("again");
  assert.equal((await queue.all()).length, 2_001);
});

test("When there is no connection, then a publish fails at once as unsent", async () => {
  const idle = new Publisher(new RabbitConnectionManager({ urls: [url], queues: [], logger }));

  assert.equal(idle.isReady, false);
  await assert.rejects(idle.publish(name, Buffer.from("x"), {}), UnsentError);
});

const losses: readonly (readonly [string, (connection: RabbitConnection | undefined) => unknown])[] = [
  // The broker closes a channel on which somebody publishes to an exchange that does not exist.
  ["channel is lost", (connection) => connection?.channel.publish("no-such-exchange", "", Buffer.from(""))],
  ["connection is closed", (connection) => connection?.amqpConnection.close()],
];
for (const [what, lose] of losses)
  test(`When the ${what} under messages, then each publish resolves or fails, and none is lost or counts as refused`, async () => {
    // A queue without a confirmation yet is one that refuses all.
    await say("first");
    const texts = Array.from({ length: 300 }, (_, index) => `m${index}`);
    const results = texts.map((text, index) => {
      if (index === 150) lose(manager.connection);
      return say(text);
    });
    const settled = await Promise.allSettled(results);
    await waitUntil(() => publisher.isReady, { what: "the publisher is ready again", deadlineMs: 10_000 });
    const arrived = new Set((await queue.all()).map(textOf));

    const confirmed = texts.filter((_, index) => settled[index]?.status === "fulfilled");
    assert.ok(confirmed.length < texts.length, "some were cut off");
    const lost = confirmed.filter((text) => !arrived.has(text));
    assert.deepEqual(lost, []);
    const errors = settled.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    assert.ok(!errors.some((error) => error instanceof RefusedError));
  });
