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
  assert.equal(consumer.output, lines("a", "b", "c"));
});
