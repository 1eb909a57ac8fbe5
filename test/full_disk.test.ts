import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { BackgroundProcess } from "../scripts/runtime/processes.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { call } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { ended, ServiceProcess, startConsumer } from "./support/processes.js";
import { lines, TestQueue } from "./support/queue.js";
import { databaseUri, testServers, uniqueName } from "./support/services.js";

// Each write to it fails as on a full disk (ENOSPC).
const shell = 'exec "$0" "$1" > /dev/full';
const skip = existsSync("/dev/full") ? false : "this system has no /dev/full";

test("When user_service can't write its log, then it answers and ends all the same", { skip }, async () => {
  const settings = { MONGODB_URI: databaseUri(uniqueName("users")), BCRYPT_ROUNDS: "10" };
  const service = await ServiceProcess.start("user_service", settings, { shell });
  await service.answers();
  const json = { name: "Ada", email: "ada@example.com", password: "correct horse" };

  assert.equal((await call(`${service.url}/users`, { method: "POST", json })).status, 201);
  assert.deepEqual(await service.end(), ended);
});

test("When orders_service can't write its log, then it takes orders and publishes them", { skip }, async () => {
  const queue = await TestQueue.create();
  const settings = {
    MONGODB_URI: databaseUri(uniqueName("orders")),
    RABBITMQ_URL: testServers().rabbitmq,
    ORDERS_QUEUE: queue.name,
  };
  const service = await ServiceProcess.start("orders_service", settings, { shell });
  await service.answers();

  assert.equal((await call(`${service.url}/orders`, { method: "POST", json: newOrder() })).status, 201);
  await queue.holds(1);
  assert.deepEqual(await service.end(), ended);
});

test("When notifications_service can't write its log, then it prints the orders", { skip }, async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue, {}, { shell: 'exec "$0" "$1" 2> /dev/full' });
  await queue.order("a");
  await consumer.prints(lines("a"));
  assert.deepEqual(await consumer.end(), ended);
});

test("When notifications_service can't write its lines, then it exits with 1, says why, and the order stays", {
  skip,
}, async () => {
  const queue = await TestQueue.create();
  const consumer = await startConsumer(queue, {}, { shell });
  await queue.order("a");

  assert.deepEqual(await consumer.ended, { code: 1, signal: null });
  await queue.holds(1);
  assert.match(consumer.errors, /ENOSPC: no space left on device/);
});

test("When the pid of a process can't be written down, then the process does not stay", async (t) => {
  const folder = testFolder("full_disk");
  const child = new BackgroundProcess(folder, "sleeper");
  // As good as a full disk: what is there can't be written to.
  const inTheWay = join(folder, "sleeper.pid.json");
  mkdirSync(inTheWay);
  t.after(() => rmSync(inTheWay, { recursive: true }));
  const mark = `setInterval(() => {}, ${process.pid})`;
  const start = () => child.start({ file: process.execPath, args: ["-e", mark], env: process.env });

  assert.throws(start, /sleeper can't be started: EISDIR/);
  const running = async () => (await execa("ps", ["-eo", "args"])).stdout.includes(mark);
  await waitUntil(async () => !(await running()), { what: "the process has ended", deadlineMs: 60_000 });
});
