import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { call, member, parseObject, text } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { ServiceProcess } from "./support/processes.js";
import { TestQueue } from "./support/queue.js";
import { databaseUri, testServers, uniqueName } from "./support/services.js";

const queue = await TestQueue.create();
const settings = {
  MONGODB_URI: databaseUri(uniqueName("order_log")),
  RABBITMQ_URL: testServers().rabbitmq,
  ORDERS_QUEUE: queue.name,
};
const orders = await ServiceProcess.start("orders_service", settings);
const notifications = await ServiceProcess.start("notifications_service", settings);
await Promise.all([orders.answers(), notifications.answers()]);

async function place(requestId: string): Promise<string> {
  const headers = { "X-Request-Id": requestId };
  const { body } = await call(`${orders.url}/orders`, { method: "POST", json: newOrder(), headers });
  return text(body, "id");
}

/** What make logs prints of what these services have logged. */
async function logs(id: string) {
  const folder = testFolder(uniqueName("logs"));
  mkdirSync(folder, { recursive: true });
  // Notifications first: their order is that of time, not that of the files.
  writeFileSync(join(folder, "notifications_service.err.log"), notifications.errors);
  writeFileSync(join(folder, "orders_service.out.log.previous"), orders.output);
  const record = { runtime: "embedded", replicas: 1, mongodbUri: "", rabbitmqUrl: "" };
  writeFileSync(join(folder, "stack.json"), JSON.stringify(record));
  const script = join(root, "build/scripts/logs.js");
  const env = { UP_STATE_DIR: folder, id, s: "", LOG_FORMAT: "" };
  return execa(process.execPath, [script], { env, reject: false, all: true });
}

test("When an order is asked for, by its id or its request's, then its way through both services is shown in its order", async () => {
  const [id, other] = [await place("mine"), await place("another")];
  for (const order_id of [id, other]) await notifications.logs("notified", { order_id });
  for (const request_id of ["mine", "another"]) await orders.logs("request", { request_id, status: 201 });

  for (const asked of [id, "mine"]) {
    const { stdout } = await logs(asked);
    const shown = stdout.split("\n").map(parseObject);
    assert.deepEqual(
      shown.map((line) => [member(line, "service"), member(line, "message")]).sort(),
      [
        ["notifications_service", "notified"],
        ["orders_service", "request"],
      ],
      asked,
    );
    const times = shown.map((line) => text(line, "timestamp"));
    assert.deepEqual(times, times.toSorted());
    for (const line of shown) {
      assert.equal(member(line, "order_id"), id);
      assert.equal(member(line, "request_id"), "mine");
    }
  }
});

test("When one request id was used for two orders, then each is shown alone by its own id, and both by the request's", async () => {
  const ids = [await place("shared"), await place("shared")];
  for (const order_id of ids) await notifications.logs("notified", { order_id });
  await orders.logs("request", { request_id: "shared" }, 2);

  assert.equal((await logs(ids[0] ?? "")).stdout.split("\n").length, 2);
  assert.equal((await logs("shared")).stdout.split("\n").length, 4);
});

test("When no line has the id, then that is said", async () => {
  const { all, exitCode } = await logs("unknown");

  assert.equal(exitCode, 1);
  assert.match(all, /✖ No line of the logs has the order or request id unknown/);
});
