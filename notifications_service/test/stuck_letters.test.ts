import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member, text } from "../../test/support/http.js";
import { addUser, testBroker } from "../../test/support/own_servers.js";
import { ended, type ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";

const broker = await testBroker();
before(() => broker.start());

const stuck = "a dead letter can't be delivered; it stays in its queue";

const consume = (queue: TestQueue, url = broker.url) => startConsumer(queue, { RABBITMQ_URL: url });

const orders = Array.from({ length: 1_000 }, (_, index) => `order-${index}`);

/** 1,000 orders, with a message that can't be read at place 11. */
async function fill(queue: TestQueue, letter: string | Buffer = "not json"): Promise<void> {
  await queue.order(...orders.slice(0, 10));
  await queue.publish([letter], { correlationId: "the letter" });
  await queue.order(...orders.slice(10));
}

/** Whatever happens to the letter: all orders are printed, the service is ready, and warns once. */
async function printsAll(consumer: ServiceProcess): Promise<void> {
  await consumer.prints(lines(...orders));
  await consumer.logs(stuck, { request_id: "the letter" });
  await consumer.answers();
  assert.equal(consumer.logged(stuck).length, 1);
}

/** Leaves it full, by a policy, which goes without the queue: messages in flight to a deleted one count as confirmed. */
async function fillDeadLetterQueue(queue: TestQueue): Promise<void> {
  queue.channel.sendToQueue(queue.deadLetters, Buffer.from("in the way"));
  await queue.channel.waitForConfirms();
  const policy = JSON.stringify({ "max-length": 1, overflow: "reject-publish" });
  await broker.ctl("set_policy", "--apply-to", "queues", "full", `^${queue.deadLetters}$`, policy);
}

test("When the dead-letter queue is full, then orders are printed, and the letter goes there once it has room", async () => {
  const queue = await TestQueue.create(broker.url);
  await fillDeadLetterQueue(queue);
  await fill(queue);
  const consumer = await consume(queue);
  await printsAll(consumer);
  await consumer.end();
  await queue.holds(1);
  const second = await consume(queue);
  await second.logs(stuck);
  await queue.deadLetter();

  assert.equal((await queue.deadLetter()).content.toString(), "not json");
  assert.deepEqual(await second.end(), ended);
  assert.equal(await queue.waiting(), 0);
});

test("When the broker has a memory alarm, then orders are printed, and the letter is delivered after it", async () => {
  const queue = await TestQueue.create(broker.url);
  await fill(queue);
  await broker.ctl("set_vm_memory_high_watermark", "0.0001");
  const consumer = await consume(queue);
  await printsAll(consumer);
  await broker.ctl("set_vm_memory_high_watermark", "0.4");

  assert.equal((await queue.deadLetter()).content.toString(), "not json");
  assert.deepEqual(await consumer.end(), ended);
});

test("When a letter is larger than the broker takes, then orders and other letters do not wait for it", async () => {
  const queue = await TestQueue.create(broker.url);
  await fill(queue, Buffer.alloc(200_000, "x"));
  await queue.publish(["another"]);
  await broker.ctl("eval", "application:set_env(rabbit, max_message_size, 100000).");
  const consumer = await consume(queue);
  await printsAll(consumer);

  assert.equal((await queue.deadLetter()).content.toString(), "another");
  await consumer.end();
  await queue.holds(1);
  await broker.ctl("eval", "application:set_env(rabbit, max_message_size, 134217728).");
});

for (const [what, write, configure] of [
  ["may not publish", "^$", ".*"],
  ["may not make the dead-letter queue", ".*", "^$"],
] as const)
  test(`When the user ${what}, then orders are printed, and the letter stays`, async () => {
    const queue = await TestQueue.create(broker.url);
    const url = await addUser(broker, { configure, write });
    if (configure !== ".*") await queue.channel.deleteQueue(queue.deadLetters);
    await fill(queue);
    const consumer = await consume(queue, url);
    await printsAll(consumer);
    assert.deepEqual(await consumer.end(), ended);
    await queue.holds(1);
  });

test("When one letter is refused for good, then a burst of others is delivered, and the service stays ready", async () => {
  const queue = await TestQueue.create(broker.url);
  await queue.publish([Buffer.alloc(200_000, "x")]);
  await broker.ctl("eval", "application:set_env(rabbit, max_message_size, 100000).");
  const consumer = await consume(queue);
  await consumer.logs(stuck);
  await consumer.answers();
  await queue.publish(Array.from({ length: 1_000 }, () => "not json"));
  const statuses = new Set<number>();
  const areDelivered = async () => {
    statuses.add((await call(`${consumer.url}/ready`)).status);
    return consumer.logged("dead-lettered").length === 1_000;
  };
  await waitUntil(areDelivered, { what: "the burst is delivered", deadlineMs: 60_000 });
  await broker.ctl("eval", "application:set_env(rabbit, max_message_size, 134217728).");

  assert.deepEqual(statuses, new Set([200]));
});

test("When more letters are stuck than half of what is prefetched, then the service is not ready, and says why", async () => {
  const queue = await TestQueue.create(broker.url);
  await fillDeadLetterQueue(queue);
  await queue.publish(Array.from({ length: 101 }, () => "not json"));
  await queue.order("behind");
  const consumer = await consume(queue);
  await consumer.prints(lines("behind"));
  const saysWhy = async () => {
    const { status, body } = await call(`${consumer.url}/ready`);
    if (status !== 503) return false;
    assert.equal(text(body, "detail"), "Waiting for dead_letters.");
    const reason = text(member(member(body, "checks"), "dead_letters"), "reason");
    return /^101 dead letters can't be delivered: PublishError: the queue \S+ refuses all messages/.test(reason);
  };
  await waitUntil(saysWhy, { what: "it is not ready, and says why", deadlineMs: 20_000 });
  await broker.ctl("clear_policy", "full");
  await queue.holds(102, queue.deadLetters);
  await consumer.answers();
});

test("When large letters are stuck, then memory is bounded, and all are delivered once the dead-letter queue has room", async (t) => {
  const queue = await TestQueue.create(broker.url);
  await fillDeadLetterQueue(queue);
  for (let letters = 0; letters < 50; letters += 1) await queue.publish([Buffer.alloc(8_000_000, "x")]);
  await queue.order("behind");
  const consumer = await consume(queue);
  await consumer.prints(lines("behind"));
  await consumer.logs(stuck);
  const peakMb = Math.round(peakKb(consumer.pid) / 1_024);
  t.diagnostic(`${peakMb} MB at most`);
  assert.ok(peakMb <= 300, `${peakMb} MB`);
  await broker.ctl("clear_policy", "full");
  for (let letters = 0; letters <= 50; letters += 1) await queue.deadLetter();

  assert.deepEqual(await consumer.end(), ended);
  assert.equal(await queue.waiting(), 0);
});

/** The most that the process ever had in memory. */
const peakKb = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
