import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { Scrape } from "../../test/support/metrics.js";
import { type ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";

async function start(queue: TestQueue): Promise<ServiceProcess> {
  const consumer = await startConsumer(queue);
  await consumer.answers();
  return consumer;
}

const counted = async (consumer: ServiceProcess, outcome: string) =>
  (await Scrape.of(consumer.url)).value("notifications_messages_total", { outcome });

test("When nothing has come yet, then the metrics count nothing, and the broker is up", async () => {
  const consumer = await start(await TestQueue.create());
  const scrape = await Scrape.of(consumer.url);

  for (const outcome of ["printed", "duplicate", "dead_lettered"])
    assert.equal(scrape.value("notifications_messages_total", { outcome }), 0, outcome);
  assert.equal(scrape.value("dependency_up", { dependency: "rabbitmq" }), 1);
  // Without MONGODB_URI there is no database.
  assert.deepEqual(scrape.values("dependency"), new Set(["rabbitmq", "dead_letters"]));
  assert.equal(scrape.value("notifications_delay_seconds_count"), 0);
});

test("When orders say when they were created, then the time to their line is measured, and of others it is not", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue);
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  await queue.publish([
    { order_id: "late", created_at: ago(40_000) },
    { order_id: "of a clock that is ahead".replaceAll(" ", "-"), created_at: ago(-40_000) },
    { order_id: "another_producers" },
    { order_id: "no_time", created_at: "yesterday" },
    { order_id: "a_number", created_at: 1_795_776_000_000 },
    { order_id: "no_text", created_at: { toString: null } },
  ]);
  await consumer.prints(
    lines("late", "of-a-clock-that-is-ahead", "another_producers", "no_time", "a_number", "no_text"),
  );
  const scrape = await Scrape.of(consumer.url);

  assert.equal(scrape.value("notifications_delay_seconds_count"), 2);
  assert.equal(scrape.value("notifications_delay_seconds_bucket", { le: "30" }), 1);
  assert.equal(scrape.value("notifications_delay_seconds_bucket", { le: "60" }), 2);
});

test("When messages have come, then the metrics count lines, repetitions and what can't be read", async () => {
  const queue = await TestQueue.create();
  const consumer = await start(queue);
  // A repetition within a batch, and one behind it.
  await queue.order("a", "b", "a", "c");
  await consumer.prints(lines("a", "b", "c"));
  await queue.publish([{ order_id: "b" }, "not JSON", "{}"]);
  const all = async () =>
    (await counted(consumer, "duplicate")) === 2 && (await counted(consumer, "dead_lettered")) === 2;
  await waitUntil(all, { what: "two of each are counted", deadlineMs: 10_000 });

  assert.equal(await counted(consumer, "printed"), 3);
  const depth = async () =>
    (await Scrape.of(consumer.url)).value("dead_letter_queue_messages", { queue: queue.deadLetters });
  assert.equal(await depth(), 2);
  await queue.channel.deleteQueue(queue.deadLetters);
  assert.equal(await depth(), undefined, "not known is not zero");
  assert.equal((await consumer.logged("rabbitmq disconnected")).length, 0, "asking costs no connection");
  assert.equal(consumer.output, lines("a", "b", "c"));
});
