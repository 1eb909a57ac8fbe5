import assert from "node:assert/strict";
import { test } from "node:test";
import { member } from "../../test/support/http.js";
import { startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { uniqueName } from "../../test/support/services.js";
import { brokenMessages } from "./broken_messages.js";

const queue = await TestQueue.create();
const consumer = await startConsumer(queue);
await consumer.answers();
let printed = "";

for (const [flaw, body, reason, properties] of brokenMessages) {
  test(`When a message ${flaw}, then it is a dead letter as it came, and its neighbours are printed`, async () => {
    const [before, behind] = [uniqueName("before"), uniqueName("behind")];
    await queue.order(before);
    await queue.publish([body], properties);
    await queue.order(behind);
    printed += lines(before, behind);
    const letter = await queue.deadLetter();
    await consumer.prints(printed);

    assert.ok(letter.content.equals(Buffer.from(body)));
    assert.equal(letter.properties.headers?.["x-dead-letter-reason"], reason);
  });
}

test("When the broken messages are counted", (t) => {
  t.diagnostic(`${brokenMessages.length} kinds of broken message for notifications_service`);
  assert.ok(brokenMessages.length >= 40);
});

test("When a message came without an id, then the log names the one that its dead letter has", async () => {
  await queue.publish(["no id"]);
  const { properties } = await queue.deadLetter();

  assert.match(properties.messageId, /./);
  await consumer.logs("dead-lettered", { message_id: properties.messageId });
});

test("When a message is a dead letter, then it has what it came with, and by whom, why and when it was put there", async () => {
  const headers = { "x-schema-version": 2, trace: "abc", flags: [true, null, 1.5], nested: { n: -7 } };
  const properties = {
    contentType: "text/plain",
    contentEncoding: "latin1",
    priority: 3,
    correlationId: "request-7",
    replyTo: "answers",
    messageId: "message-7",
    timestamp: 1_700_000_000,
    type: "order.changed",
    appId: "somebody",
  };
  await queue.publish(["not read"], { ...properties, headers });
  const letter = await queue.deadLetter();

  const { "x-dead-letter-time": time, ...others } = letter.properties.headers ?? {};
  assert.deepEqual(others, {
    ...headers,
    "x-dead-letter-reason": "x-schema-version is not 1 or less",
    "x-dead-letter-service": "notifications_service",
  });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  const { headers: _, expiration, userId, clusterId, deliveryMode, ...kept } = letter.properties;
  assert.deepEqual(kept, properties);
  assert.deepEqual([expiration, userId, clusterId], [undefined, undefined, undefined]);
  assert.equal(deliveryMode, 2, "a dead letter outlives the broker");
});

test("When a message is a dead letter, then the log says why, with the request's id and without the body", async () => {
  await queue.publish(["my secret"], { correlationId: "request-8" });
  await queue.deadLetter();

  const line = await consumer.logs("dead-lettered", { request_id: "request-8" });
  assert.equal(member(line, "level"), "warn");
  assert.equal(member(line, "reason"), "the body is not a JSON object");
  assert.doesNotMatch(consumer.errors, /my secret/);
});

test("When a broken message's correlation id could forge log lines, then the log has one line for it all the same", async () => {
  const correlationId = 'x"}\n{"level":"info","message":"notified","order_id":"forged"}\r\u2028\u001b[2J';
  await queue.publish(["poison"], { correlationId });
  await queue.deadLetter();
  await consumer.logs("dead-lettered", { request_id: correlationId });

  assert.equal(consumer.logged("notified", { order_id: "forged" }).length, 0);
  assert.doesNotMatch(consumer.errors.replaceAll("\n", ""), /[\p{Cc}\u2028]/u);
});

test("When a hundred broken messages stand before an order, then it is printed behind them", async () => {
  const order = uniqueName("behind");
  await queue.publish(Array.from({ length: 100 }, () => "poison"));
  await queue.order(order);
  printed += lines(order);
  await consumer.prints(printed);
  await queue.holds(100, queue.deadLetters);
});

test("When it stops after all that, then nothing is left on the queue and standard output has nothing else", async () => {
  const { code } = await consumer.end();

  assert.equal(code, 0);
  assert.equal(consumer.output, printed);
  assert.equal(await queue.waiting(), 0);
});
