import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { TestInbox } from "../../test/support/inbox.js";
import { ended, type ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";

const start = (queue: TestQueue, inbox?: TestInbox) => startConsumer(queue, { LOG_LEVEL: "debug", ...inbox?.settings });

const linesOf = ({ output }: ServiceProcess) => output.split("\n").filter((line) => line !== "");

const soon = (seconds: number) => new Date(Date.now() + seconds * 1_000);

test("When an order was printed, then its row says so, and MongoDB removes it after 30 days", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  const consumer = await start(queue, inbox);
  await queue.order("a");
  await consumer.prints(lines("a"));
  await inbox.becomes("a", "done");

  const row = await inbox.row("a");
  const days = (Number(row?.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 29.99 && days <= 30, `${days} days`);
  assert.equal(await inbox.rows.countDocuments(), 1);
  const [expiry, ...others] = (await inbox.rows.indexes()).filter((index) => index["expireAfterSeconds"] === 0);
  assert.deepEqual([expiry?.key, others], [{ expires_at: 1 }, []]);
});

test("When a printed order comes again after a restart, then it is not printed again", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  const first = await start(queue, inbox);
  await queue.order("a", "b", "a");
  await first.prints(lines("a", "b"));
  await first.end();
  await queue.order("b", "c", "a");
  const second = await start(queue, inbox);
  await second.prints(lines("c"));
  await second.end();

  assert.equal(first.output, lines("a", "b"));
  assert.equal(second.output, lines("c"));
  assert.equal(await queue.waiting(), 0);
});

test("When a printed order comes again after a restart and there is no database, then it is printed again", async () => {
  const queue = await TestQueue.create();
  const first = await start(queue);
  await queue.order("a");
  await first.prints(lines("a"));
  await first.end();
  await queue.order("a");
  const second = await start(queue);
  await second.prints(lines("a"));
});

test("When two replicas get each order twice, then each order is printed once", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  const replicas = await Promise.all([start(queue, inbox), start(queue, inbox)]);
  await Promise.all(replicas.map((replica) => replica.answers()));
  const ids = Array.from({ length: 600 }, (_, index) => `order_${index}`);
  await queue.order(...ids.flatMap((id) => [id, id]));
  await waitUntil(() => replicas.flatMap(linesOf).length >= ids.length, { what: "all printed", deadlineMs: 20_000 });
  const exits = await Promise.all(replicas.map((replica) => replica.end()));
  // Duplicates may have waited for the other replica's row when the two were stopped.
  const third = await start(queue, inbox);
  await queue.order("last");
  await third.prints(lines("last"));
  await third.end();

  assert.deepEqual(replicas.flatMap(linesOf).sort(), ids.map((id) => lines(id).trimEnd()).sort());
  assert.equal(third.output, lines("last"));
  assert.deepEqual(exits, [ended, ended]);
  for (const { output } of replicas) assert.notEqual(output, "", "each took its part");
  assert.equal(await queue.waiting(), 0);
});

test("When a process may have printed an order and died, then it is printed, and logged as a possible duplicate", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  await inbox.leaveStarted("a", soon(-1));
  const consumer = await start(queue, inbox);
  await queue.order("a", "b");
  await consumer.prints(lines("a", "b"));
  await inbox.becomes("a", "done");

  assert.equal(consumer.output, lines("a", "b"));
  await consumer.logs("notified", { order_id: "a", possible_duplicate: true });
  await consumer.logs("notified", { order_id: "b", possible_duplicate: undefined });
});

test("When another process may be about to print an order, then it waits for its lease, and others do not", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  await inbox.leaveStarted("a", soon(3_600));
  const consumer = await start(queue, inbox);
  await queue.order("a", "b");
  await consumer.prints(lines("b"));
  const leasedUntil = soon(3);
  await inbox.set("a", { leased_until: leasedUntil });
  await consumer.prints(lines("b", "a"));

  assert.ok(Date.now() >= leasedUntil.getTime(), "a waited");
  await consumer.logs("notified", { order_id: "a", possible_duplicate: true });
});

test("When another process has printed the order meanwhile, then it is acked soon and not printed", async () => {
  const [queue, inbox] = [await TestQueue.create(), new TestInbox()];
  await inbox.leaveStarted("a", soon(3_600));
  const consumer = await start(queue, inbox);
  await queue.order("a", "b");
  await consumer.prints(lines("b"));
  await inbox.set("a", { state: "done" });
  await consumer.logs("printed before", { order_id: "a" });
  await consumer.end();

  assert.equal(consumer.output, lines("b"));
  assert.equal(await queue.waiting(), 0);
});
