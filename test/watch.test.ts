import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../scripts/runtime/free_port.js";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { FlowWatch } from "../scripts/stack/flow_watch.js";
import { call } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { ServiceProcess } from "./support/processes.js";
import { TestQueue } from "./support/queue.js";
import { databaseUri, testServers, uniqueName } from "./support/services.js";

const queue = await TestQueue.create();
const settings = {
  MONGODB_URI: databaseUri(uniqueName("watched")),
  RABBITMQ_URL: testServers().rabbitmq,
  ORDERS_QUEUE: queue.name,
};
const orders = await ServiceProcess.start("orders_service", settings);
const notifications = await ServiceProcess.start("notifications_service", settings);
await Promise.all([orders.answers(), notifications.answers()]);

const targets = (services: readonly ServiceProcess[]) => services.map(({ service, url }) => ({ name: service, url }));
const place = () => call(`${orders.url}/orders`, { method: "POST", json: newOrder() });

test("When orders flow, then the line has their rates and delays, what waits, and what is up", async () => {
  const flow = new FlowWatch(targets([orders, notifications]));
  assert.match(
    await flow.line(),
    /^in 0\.0\/s, waiting (0|\?), printed 0\.0\/s, p50 -, p99 -, dead letters 0, mongodb up, rabbitmq up$/,
  );
  await Promise.all(Array.from({ length: 20 }, place));
  await notifications.logs("notified", {}, 20);

  assert.match(
    await flow.line(7),
    /^in \d*[1-9][\d.]*\/s, waiting 7, printed [\d.]+\/s, p50 [\d.]+ m?s, p99 [\d.]+ m?s, dead letters 0, /,
  );
});

test("When lines come late, then the delays lie within the bucket they fall into", async () => {
  const flow = new FlowWatch(targets([notifications]));
  await flow.line();
  const created_at = new Date(Date.now() - 40_000);
  await queue.publish([1, 2, 3, 4].map((number) => ({ order_id: `late_${number}`, created_at })));
  await queue.publish(["not JSON"]);
  await notifications.logs("notified", { order_id: "late_4" });
  await notifications.logs("dead-lettered");

  assert.match(await flow.line(), /p50 45\.0 s, p99 59\.7 s, dead letters 1/);
});

test("When a service does not respond, then the line says which, and what the others know", async () => {
  const gone = { name: "orders_service", url: `http://127.0.0.1:${await freePort()}` };
  const flow = new FlowWatch([gone, ...targets([notifications])]);

  assert.match(
    await flow.line(),
    /^in 0\.0\/s, waiting \?, .* mongodb up, orders_service does not respond, rabbitmq up$/,
  );
});

test("When make watch runs without a terminal, then it prints a line each second, until it is stopped", async () => {
  const folder = testFolder(uniqueName("watch"));
  mkdirSync(folder, { recursive: true });
  const record = { runtime: "embedded", replicas: 1, mongodbUri: "", rabbitmqUrl: "" };
  writeFileSync(join(folder, "stack.json"), JSON.stringify(record));
  const [ORDERS_PORT, NOTIFICATIONS_PORT] = [orders, notifications].map(({ url }) => new URL(url).port);
  const env = { ...process.env, UP_STATE_DIR: folder, ORDERS_PORT, NOTIFICATIONS_PORT };
  const child = spawn(process.execPath, [join(root, "build/scripts/watch.js")], { env });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  await waitUntil(() => output.split("\n").length > 2, { what: "two lines are there", deadlineMs: 30_000 });
  child.kill("SIGINT");
  await once(child, "close");

  assert.equal(child.exitCode, 0);
  for (const line of output.trim().split("\n")) assert.match(line, /^\d\d:\d\d:\d\d {2}in [\d.]+\/s, .* rabbitmq up$/);
});
