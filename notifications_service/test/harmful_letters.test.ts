import assert from "node:assert/strict";
import { test } from "node:test";
import type { Options } from "amqplib";
import { startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";

const queue = await TestQueue.create();
const consumer = await startConsumer(queue);
await consumer.answers();

async function deadLetterOf(properties: Options.Publish) {
  await queue.publish(["poison"], properties);
  return queue.deadLetter();
}

test("When a broken message names its queue as a carbon copy, then it is put aside once and does not go round", async () => {
  // Not by its own routing key, so that the copy is the only way into the queue.
  queue.channel.publish("", "nowhere", Buffer.from("poison"), { CC: [queue.name] });
  const letter = await queue.deadLetter();
  await queue.publish(["poison"], { messageId: "behind" });
  const next = await queue.deadLetter();

  assert.equal(next.properties.messageId, "behind");
  assert.equal(letter.properties.headers?.["CC"], undefined);
  assert.deepEqual(letter.properties.headers?.["x-dead-letter-cc"], [queue.name]);
});

test("When a broken message was to expire, then its dead letter does not", async () => {
  const { expiration, headers } = (await deadLetterOf({ expiration: "5000" })).properties;

  assert.equal(expiration, undefined);
  assert.equal(headers?.["x-dead-letter-expiration"], "5000");
});

test("When a broken message has its publisher's user id, then a consumer with another one can put it aside", async () => {
  const { userId, headers } = (await deadLetterOf({ userId: "guest" })).properties;

  assert.equal(userId, undefined, "RabbitMQ closes the channel of a publisher who is somebody else");
  assert.equal(headers?.["x-dead-letter-user-id"], "guest");
});

test("When a broken message wants a direct reply, then it is put aside", async () => {
  await queue.channel.consume("amq.rabbitmq.reply-to", () => {}, { noAck: true });
  const letter = await deadLetterOf({ replyTo: "amq.rabbitmq.reply-to" });

  assert.match(String(letter.properties.replyTo), /^amq\.rabbitmq\.reply-to\./);
});

/** Each can be read by the client that the consumer uses, and not be written by it. */
const unwritable: readonly [string, object][] = [
  ["64 KiB of headers", { text: "a".repeat(65_400) }],
  ["a time at the end of time", { time: { "!": "timestamp", value: 2n ** 64n - 1n } }],
  ["a table with the client's mark for types", { table: { "!": "object", value: { "!": "no such type" } } }],
];

for (const [what, headers] of unwritable) {
  test(`When a broken message has ${what}, then it is put aside without its headers, and the flow goes on`, async () => {
    const letter = await deadLetterOf({ headers, correlationId: "request-9" });
    await queue.order("behind");
    await queue.holds(0);

    assert.equal(letter.content.toString(), "poison");
    assert.equal(letter.properties.correlationId, "request-9");
    assert.equal(letter.properties.headers?.["x-dead-letter-reason"], "the body is not a JSON object");
    assert.equal(letter.properties.headers?.["x-dead-letter-left-out"], "headers and timestamp");
    await consumer.prints(lines("behind"));
  });
}

test("When the dead-letter queue was deleted, then it is made again and the broken message is in it", async () => {
  await queue.channel.deleteQueue(queue.deadLetters);
  await queue.publish(["poison"], { correlationId: "request-deleted" });
  await consumer.logs("dead-lettered", { request_id: "request-deleted" });

  assert.equal(await queue.waiting(queue.deadLetters), 1);
});
