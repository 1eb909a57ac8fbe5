import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { startSpan } from "@order-flow/common/tracing/spans.js";
import { createDeadLetterRabbit, createRabbit } from "@order-flow/notifications_service/config/rabbit.js";
import { DeadLetters } from "@order-flow/notifications_service/services/dead_letters.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { ended, ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { testServers } from "../../test/support/services.js";

const startQuiet = (queue: TestQueue) => startConsumer(queue, { LOG_LEVEL: "warn" });

const backlog = Array.from({ length: 20_000 }, (_, index) => `order_${index}`);

async function printsSome(consumer: ServiceProcess): Promise<void> {
  await waitUntil(() => consumer.output.length > 0, { what: "something is printed", deadlineMs: 20_000 });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`When ${signal} comes in the middle of a backlog, then it exits with 0, and all is printed once and in order`, async () => {
    const queue = await TestQueue.create();
    await queue.order(...backlog);
    const first = await startQuiet(queue);
    await printsSome(first);
    const exit = await first.end(signal);
    const second = await startQuiet(queue);
    await second.prints(lines(...backlog).slice(first.output.length));
    await second.end();

    assert.deepEqual(exit, ended);
    assert.notEqual(second.output, "", "the backlog was not long enough");
    assert.equal(first.output + second.output, lines(...backlog));
    assert.equal(await queue.waiting(), 0);
  });
}

test("When it is killed in the middle of a backlog, then its successor prints all that it did not print", async () => {
  const queue = await TestQueue.create();
  await queue.order(...backlog);
  const first = await startQuiet(queue);
  await printsSome(first);
  await first.end("SIGKILL");
  const second = await startQuiet(queue);
  const last = lines(...backlog.slice(-1));
  await waitUntil(() => second.output.endsWith(last), { what: "all is printed", deadlineMs: 20_000 });
  await second.end();

  const printed = (first.output + second.output).split("\n");
  assert.deepEqual(new Set(printed), new Set(lines(...backlog).split("\n")));
  // Without a database: printed twice is at most what was delivered and not acked.
  assert.ok(printed.length - 1 - backlog.length <= 200, `${printed.length - 1 - backlog.length} printed twice`);
});

test("When SIGTERM comes while nothing arrives, then it exits with 0 and says that it stops, on standard error", async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue);
  await consumer.answers();
  const exit = await consumer.end();

  assert.deepEqual(exit, ended);
  assert.equal(consumer.output, "");
  assert.equal(consumer.logged("stopping", { signal: "SIGTERM" }).length, 1);
  assert.equal(consumer.logged("stopped").length, 1);
});

test("When SIGTERM comes while the broker can't be reached, then it exits with 0 all the same", async () => {
  const consumer = await ServiceProcess.start("notifications_service", { RABBITMQ_URL: "amqp://127.0.0.1:1" });
  await consumer.answers("/health");

  assert.deepEqual(await consumer.end(), ended);
});

test("When nothing confirms a dead letter, then stopping does not wait until its publishing times out", async () => {
  const [queue, { logger, lines: log }] = [await TestQueue.create(), recordingLogger()];
  const { proxy, url } = await FaultProxy.inFrontOf(testServers().rabbitmq);
  const letterRabbit = createDeadLetterRabbit([url], queue.name, logger);
  const publisher = new Publisher(letterRabbit);
  const options = { publisher, queue: queue.deadLetters, logger, readyUpTo: 1, onDelivered: () => {} };
  const letters = new DeadLetters(options);
  letterRabbit.start();
  await waitUntil(() => publisher.isReady, { what: "letters can be published", deadlineMs: 10_000 });
  proxy.mode = "swallow";
  let delivered = 0;
  const rabbit = createRabbit([testServers().rabbitmq], queue.name, logger, async (connection) => {
    await connection.channel.consume(queue.name, (message) => {
      letters.add(message ?? assert.fail(), connection, "no order", startSpan("process", {}));
      delivered += 1;
    });
  });
  afterAll(() => Promise.all([rabbit.close(), letterRabbit.close()]));
  rabbit.start();
  await queue.publish(["poison"]);
  await waitUntil(() => delivered === 1, { what: "the letter is being published", deadlineMs: 10_000 });
  await letters.stop();

  assert.equal(log.filter((line) => line.includes("can't be delivered")).length, 0, "it has not timed out yet");
});
