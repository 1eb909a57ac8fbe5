import assert from "node:assert/strict";
import { before, test } from "node:test";
import { member } from "../../test/support/http.js";
import { ServiceProcess } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { testServers, uniqueName } from "../../test/support/services.js";

let queue: TestQueue;
let consumer: ServiceProcess;
let printed = "";

before(async () => {
  queue = await TestQueue.create();
  consumer = await ServiceProcess.start("notifications_service", {
    RABBITMQ_URL: testServers().rabbitmq,
    ORDERS_QUEUE: queue.name,
  });
  await consumer.answers();
});

const id = (text: string) => JSON.stringify({ order_id: text });
const notAnId = "order_id is not 1 to 64 of A-Z a-z 0-9 _ -";
const notAnObject = "the body is not a JSON object";
const otherVersion = "x-schema-version is not 1 or less";
const version = (value: unknown) => ({ headers: { "x-schema-version": value } });

/** What is wrong with a message: its body, the reason that is given, and properties. */
const broken: readonly [string, string | Buffer, string, object?][] = [
  ["is empty", "", notAnObject],
  ["is no JSON", "order_id=1", notAnObject],
  ["breaks off in the middle", '{"order_id":"a"', notAnObject],
  ["is an array", '[{"order_id":"a"}]', notAnObject],
  ["is a string", '"a"', notAnObject],
  ["is null", "null", notAnObject],
  ["begins with a byte order mark", `\ufeff${id("a")}`, notAnObject],
  ["is nested 100,000 deep", "[".repeat(100_000), notAnObject],
  ["has no order_id", '{"id":"a"}', notAnId],
  ["has its order_id in a prototype", '{"__proto__":{"order_id":"a"}}', notAnId],
  ["has a number for an order_id", '{"order_id":1}', notAnId],
  ["has an array for an order_id", '{"order_id":["a"]}', notAnId],
  ["has an object for an order_id", '{"order_id":{"toString":"a"}}', notAnId],
  ["has null for an order_id", '{"order_id":null}', notAnId],
  ["has an empty order_id", id(""), notAnId],
  ["has an order_id of 65 characters", id("a".repeat(65)), notAnId],
  ["has a line feed in its order_id", id("a\nNew order received: b"), notAnId],
  ["has a line feed behind its order_id", id("a\n"), notAnId],
  ["has a control character in its order_id", id("a\u001b[2J"), notAnId],
  ["has a NUL in its order_id", id("a\u0000"), notAnId],
  ["has a space in its order_id", id(" a"), notAnId],
  ["has a letter that is not ASCII in its order_id", id("ä"), notAnId],
  ["has two order_ids, of which the last is none", '{"order_id":"a","order_id":0}', notAnId],
  [
    "is not UTF-8",
    Buffer.from([...Buffer.from('{"order_id":"a","note":"'), 0xc3, 0x28, 0x22, 0x7d]),
    "the body is not UTF-8",
  ],
  ["is UTF-16", Buffer.from(id("a"), "utf16le"), notAnObject],
  ["has schema version 2", id("a"), otherVersion, version(2)],
  ["has schema version 1.5", id("a"), otherVersion, version(1.5)],
  ['has schema version "1", a string', id("a"), otherVersion, version("1")],
  ["has a table for a schema version", id("a"), otherVersion, version({ "1": 1 })],
];

for (const [flaw, body, reason, properties] of broken) {
  test(`When a message ${flaw}, then it is a dead letter as it came, and its neighbours are printed`, async () => {
    const [before, behind] = [uniqueName("before"), uniqueName("behind")];
    await queue.order(before);
    await queue.publish([body], properties);
    await queue.order(behind);
    printed += lines(before, behind);
    const letter = await queue.deadLetter();
    await consumer.prints(printed);

    assert.equal(consumer.output, printed);
    assert.deepEqual(letter.content, Buffer.from(body));
    assert.equal(letter.properties.headers?.["x-dead-letter-reason"], reason);
  });
}

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
    "x-dead-letter-reason": otherVersion,
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
  assert.equal(member(line, "reason"), notAnObject);
  assert.doesNotMatch(consumer.errors, /my secret/);
});

test("When a hundred broken messages stand before an order, then it is printed behind them", async () => {
  const [order] = [uniqueName("behind")];
  await queue.publish(Array.from({ length: 100 }, () => "poison"));
  await queue.order(order);
  printed += lines(order);
  await consumer.prints(printed);

  assert.equal(consumer.output, printed);
  await queue.holds(100, queue.deadLetters);
});

test("When it stops after all that, then nothing is left on the queue and standard output has nothing else", async () => {
  const { code } = await consumer.end();

  assert.equal(code, 0);
  assert.equal(consumer.output, printed);
  assert.equal(await queue.waiting(), 0);
});
