import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "amqplib";
import { addUser, testBroker } from "./support/own_servers.js";
import { TestQueue } from "./support/queue.js";
import { runScript } from "./support/scripts.js";
import { uniqueName } from "./support/services.js";

const broker = await testBroker();
await broker.start();

async function run(script: "dlq" | "dlq_replay", queue: TestQueue) {
  const env = { RABBITMQ_URL: broker.url, ORDERS_QUEUE: queue.name, API_KEY: "" };
  const { stdout, stderr, exitCode } = await runScript(script, env);
  return { lines: stdout.split("\n"), stderr, exitCode };
}

/** Puts a message into the dead-letter queue as the service does. */
async function putAside(queue: TestQueue, id: string, reason: string): Promise<void> {
  const headers = { "x-dead-letter-reason": reason, "x-dead-letter-time": new Date().toISOString() };
  queue.channel.sendToQueue(queue.deadLetters, Buffer.from("body"), { messageId: id, headers });
  await queue.channel.waitForConfirms();
}

/** Has the broker itself put a message of another user into the dead-letter queue. */
async function expire(queue: TestQueue): Promise<void> {
  const arguments_ = {
    "x-message-ttl": 1,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": queue.deadLetters,
  };
  const source = uniqueName("source");
  await queue.channel.assertQueue(source, { durable: true, arguments: arguments_ });
  const url = await addUser(broker, { configure: ".*", write: ".*" });
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue(source, Buffer.from("body"), { userId: new URL(url).username, correlationId: "expired" });
  await channel.waitForConfirms();
  await connection.close();
  await queue.holds(1, queue.deadLetters);
  await queue.channel.deleteQueue(source);
}

test("When there is no dead letter, then make dlq says so, and recommends nothing", async () => {
  const queue = await TestQueue.create(broker.url);
  assert.deepEqual(await run("dlq", queue), { lines: [`No dead letters of ${queue.name}`], stderr: "", exitCode: 0 });
});

test("When a dead letter has terminal commands in its id or reason, then make dlq escapes them", async () => {
  const queue = await TestQueue.create(broker.url);
  await putAside(queue, "\u001b]0;x\u0007", "no\u009b2J\nJSON");
  const { lines } = await run("dlq", queue);
  assert.match(lines[0] ?? "", /^\\u001b\]0;x\\u0007 +\d+ s {2}no\\u009b2J\\u000aJSON$/);
});

test("When the broker itself has put a message aside, then make dlq shows why, and make dlq-replay puts it back", async () => {
  const queue = await TestQueue.create(broker.url);
  await expire(queue);
  await putAside(queue, "behind", "no JSON");
  const { lines } = await run("dlq", queue);
  assert.match(lines[0] ?? "", /^expired +\d+ s {2}expired \(source_\w+\)$/);
  const { stderr, exitCode } = await run("dlq_replay", queue);
  assert.deepEqual([stderr, exitCode], ["", 0]);
  await queue.holds(2);
  await queue.holds(0, queue.deadLetters);
});

test("When a quorum queue drops what was looked at too often, then make dlq shows its letters all the same", async () => {
  const queue = await TestQueue.create(broker.url);
  await queue.channel.deleteQueue(queue.deadLetters);
  const limits = { "x-queue-type": "quorum", "x-delivery-limit": 2 };
  await queue.channel.assertQueue(queue.deadLetters, { durable: true, arguments: limits });
  for (const id of ["first", "second"]) await putAside(queue, id, "no JSON");
  const listed = [];
  for (let runs = 0; runs < 6; runs += 1) {
    await queue.holds(2, queue.deadLetters);
    const { lines } = await run("dlq", queue);
    listed.push(lines.map((line) => line.split(" ")[0]));
  }
  const { headers } = (await queue.deadLetter()).properties;

  assert.deepEqual(listed, Array(6).fill(["first", "second", "2"]));
  assert.equal(headers?.["x-dead-letter-reason"], "no JSON");
});

test("When a dead letter can't be put back, then it stays, and make dlq-replay goes on", async () => {
  const queue = await TestQueue.create(broker.url);
  const limits = { "x-max-length": 1, "x-overflow": "reject-publish" };
  await queue.channel.deleteQueue(queue.name);
  await queue.channel.assertQueue(queue.name, { durable: true, arguments: limits });
  for (const id of ["first", "second", "third"]) await putAside(queue, id, "no JSON");
  const { lines, stderr, exitCode } = await run("dlq_replay", queue);
  assert.match(lines.join("\n"), /^second stays: .+\nthird stays: .+\n1 messages are back in [^;]+; .+$/);
  assert.match(stderr, /✖ 2 could not be put back, and are still dead letters/);
  assert.equal(exitCode, 1);
  await queue.holds(2, queue.deadLetters);
});
