import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { TestInbox } from "../../test/support/inbox.js";
import { startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { StuckPipe, startConsumerInto } from "../../test/support/stuck_pipe.js";

const holds = (pipe: StuckPipe, text: string) =>
  waitUntil(() => pipe.text.length >= text.length, { what: "the pipe's text is complete", deadlineMs: 10_000 });

test("When nobody reads standard output, then no order is acked, and the service answers all the same", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const consumer = await startConsumerInto(pipe, queue, inbox);
  await consumer.answers();
  await queue.order("a", "b");
  await inbox.becomes("a", "started");
  await consumer.answers();
  await consumer.end("SIGKILL");

  await queue.holds(2);
  assert.equal((await inbox.row("a"))?.state, "started");
  assert.equal(await queue.waiting(queue.deadLetters), 0);
});

test("When standard output is read again, then the orders that waited are printed and acked", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const consumer = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a", "b");
  await inbox.becomes("a", "started");
  pipe.read();
  await holds(pipe, lines("a", "b"));
  await inbox.becomes("b", "done");
  await consumer.end();

  assert.equal(pipe.text, lines("a", "b"));
  assert.equal(await queue.waiting(), 0);
});

test("When it is killed before its line came through, then its successor prints the order as a possible duplicate", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const first = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a");
  await inbox.becomes("a", "started");
  await first.end("SIGKILL");
  const second = await startConsumer(queue, inbox.settings);
  await second.prints(lines("a"));
  pipe.read();
  await second.logs("notified", { order_id: "a", possible_duplicate: true });
  await second.end();

  assert.equal(pipe.text, "");
  assert.equal(second.output, lines("a"));
  assert.equal(await queue.waiting(), 0);
});

test("When an order may have been printed before, then the log says so before the line is written", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  await inbox.leaveStarted("a", new Date());
  const consumer = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a", "b");
  await consumer.logs("notified", { order_id: "a", possible_duplicate: true });
  assert.equal(consumer.logged("notified", { order_id: "b" }).length, 0);
  pipe.read();
  await holds(pipe, lines("a", "b"));
  await consumer.logs("notified", { order_id: "b", possible_duplicate: undefined });
  await consumer.end();

  assert.equal(consumer.logged("notified", { order_id: "a" }).length, 1);
  assert.equal(pipe.text, lines("a", "b"));
});

test("When the reader is slow, then a backlog of 10,000 orders comes through whole and in order", async (t) => {
  const [queue, pipe] = [await TestQueue.create(), await StuckPipe.create()];
  const ids = Array.from({ length: 10_000 }, (_, index) => `order_${index}`);
  const consumer = await startConsumerInto(pipe, queue);
  await queue.order(...ids);
  await consumer.answers();
  pipe.read();
  const start = performance.now();
  await holds(pipe, lines(...ids));
  t.diagnostic(`10,000 lines in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  await consumer.end();

  assert.equal(pipe.text, lines(...ids));
  assert.equal(await queue.waiting(), 0);
});

test("When the reader of standard output is gone, then it exits with 1, says why, and the order stays", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue);
  await consumer.answers();
  consumer.closeOutput();
  await queue.order("a");
  const exit = await consumer.ended;

  assert.deepEqual(exit, { code: 1, signal: null });
  await queue.holds(1);
  assert.equal(await queue.waiting(queue.deadLetters), 0);
  const reason = "standard output can't be written: nobody would see the lines";
  assert.equal(consumer.logged(reason, { level: "error", reason: "write EPIPE" }).length, 1);
  assert.ok(consumer.errors.endsWith("\n"), "whole lines");
});
