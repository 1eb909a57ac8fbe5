import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member, text } from "../../test/support/http.js";
import { Scrape } from "../../test/support/metrics.js";
import { testBroker, testDatabase } from "../../test/support/own_servers.js";
import { ended, type ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";

/** What `/ready` says, which must be that the service waits for `names`. */
async function waitsFor(consumer: ServiceProcess, ...names: readonly string[]): Promise<void> {
  const answer = await call(`${consumer.url}/ready`);
  assert.equal(answer.status, 503);
  assert.match(String(answer.headers.get("Content-Type")), /^application\/problem\+json/);
  assert.equal(text(answer.body, "detail"), `Waiting for ${names.join(" and ")}.`);
  for (const name of names) {
    const check = member(member(answer.body, "checks"), name);
    assert.equal(member(check, "status"), "down");
    assert.match(text(check, "reason"), name === "rabbitmq" ? /ECONNREFUSED/ : /./);
  }
}

test("When the broker comes after the consumer, then it is not ready until then, and prints what it finds", async () => {
  const broker = await testBroker();
  const consumer = await startConsumer({ name: "late" }, { RABBITMQ_URL: broker.url });
  await consumer.answers("/health");
  await waitsFor(consumer, "rabbitmq");
  await broker.start();
  await consumer.answers();
  const queue = await TestQueue.create(broker.url, "late");
  await queue.order("a");
  await consumer.prints(lines("a"));

  assert.deepEqual(await consumer.end(), ended);
});

test("When the inbox's database comes after the consumer, then orders wait for it, and none is put aside", async () => {
  const [database, queue] = [await testDatabase(), await TestQueue.create()];
  const consumer = await startConsumer(queue, { MONGODB_URI: database.url });
  await queue.order("a");
  await consumer.logs("the inbox failed; retrying");
  await waitsFor(consumer, "mongodb");
  assert.equal(consumer.output, "");
  await database.start();
  await consumer.prints(lines("a"));
  await consumer.answers();

  await database.kill();
  await queue.order("b");
  await queue.order("a", "c");
  await waitsFor(consumer, "mongodb");
  assert.equal(consumer.output, lines("a"));
  await database.start();
  await consumer.prints(lines("a", "b", "c"));
  await consumer.end();

  assert.equal(consumer.output, lines("a", "b", "c"));
  assert.equal(await queue.waiting(), 0);
  assert.equal(await queue.waiting(queue.deadLetters), 0);
});

test("When it is told to stop while the inbox's database is away, then it exits with 0, and the order stays", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue, { MONGODB_URI: "mongodb://127.0.0.1:1" });
  await queue.order("a");
  await consumer.logs("the inbox failed; retrying");
  const exit = await consumer.end();

  assert.deepEqual(exit, ended);
  assert.equal(consumer.output, "");
  await queue.holds(1);
});

test("When large orders wait for the inbox's database, then their bodies are not kept in memory", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue, { MONGODB_URI: "mongodb://127.0.0.1:1" });
  const note = "a".repeat(8_000_000);
  for (let index = 0; index < 50; index += 1) await queue.publish([{ order_id: `large_${index}`, note }]);
  // The consumer has all of them once it has put aside what is behind them.
  await queue.publish(["poison"]);
  await queue.deadLetter();
  const resident = async () => (await Scrape.of(consumer.url)).value("process_resident_memory_bytes") ?? Infinity;
  const what = "less is resident than the 400 MB of the bodies";
  await waitUntil(async () => (await resident()) < 300_000_000, { what, deadlineMs: 20_000 });
  await consumer.end();

  await queue.holds(50);
});

test("When its queue is deleted, then it declares it again and goes on, and so with the next one", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue);
  await consumer.answers();
  for (const [round, id] of ["a", "b"].entries()) {
    await queue.channel.deleteQueue(queue.name);
    await consumer.logs("rabbitmq disconnected", { reason: "the consumer was cancelled" }, round + 1);
    await consumer.answers();
    await queue.order(id);
  }
  await consumer.prints(lines("a", "b"));
});

test("When a peer declared the queue with arguments of its own, then it is consumed as it is, with a warning", async () => {
  const queue = await TestQueue.create();
  await queue.channel.deleteQueue(queue.name);
  await queue.channel.assertQueue(queue.name, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await queue.order("a");
  const consumer = await startConsumer(queue);
  await consumer.prints(lines("a"));

  const warning = "the queue was declared with other arguments; it is used as it is";
  await consumer.logs(warning, { level: "warn", queue: queue.name });
});
