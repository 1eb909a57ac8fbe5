import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { ownEnvironment } from "../scripts/stack/own_environment.js";
import { afterAll } from "./support/cleanup.js";
import { call, text } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { notEmbedded, runScript } from "./support/scripts.js";

const env = await ownEnvironment(testFolder("up_cluster"), "embedded");
const ordersService = `http://127.0.0.1:${env["ORDERS_PORT"]}`;

const run = (script: string, changes = {}) => runScript(script, { ...env, ...changes });

/** The nodes that run, with their pids, as make ps shows them. */
async function nodes(): Promise<ReadonlyMap<string, number>> {
  const { all } = await run("ps");
  const rows = all.matchAll(/^(rabbitmq_\d) +running +(\d+)/gm);
  return new Map([...rows].map(([, name = "", pid]) => [name, Number(pid)]));
}

test("When make up brokers=3 has run and a node in use is killed, then an order reaches the queue", {
  skip: notEmbedded,
}, async () => {
  afterAll(() => run("down"));
  const { all, exitCode } = await run("up", { brokers: "3" });
  assert.equal(exitCode, 0, all);
  assert.match(all, /✔ three nodes of RabbitMQ/);
  const running = await nodes();
  assert.equal(running.size, 3);

  const ready = JSON.stringify((await call(`${ordersService}/ready`)).body);
  const port = /"host":"127\.0\.0\.1:(\d+)"/.exec(ready)?.[1];
  const index = (Number(port) - Number(env["RABBITMQ_PORT"])) / 10;
  process.kill(running.get(`rabbitmq_${index + 1}`) ?? assert.fail(ready), "SIGKILL");
  const { status, body } = await call(`${ordersService}/orders`, { method: "POST", json: newOrder() });
  assert.equal(status, 201);
  const order = async () => (await call(`${ordersService}/orders/${text(body, "id")}`)).body;
  const isPublished = async () => !JSON.stringify(await order()).includes('"published_at":null');
  await waitUntil(isPublished, { what: "it is published on another node", deadlineMs: 30_000 });
  assert.equal((await nodes()).size, 2);
});

test("When the system is up with a cluster, then make up brokers=1 refuses, and make down stops every node", {
  skip: notEmbedded,
}, async () => {
  const { all, exitCode } = await run("up", { brokers: "1" });
  assert.equal(exitCode, 1);
  assert.match(all, /The system is up with brokers=3: run make down first/);
  assert.equal((await run("down")).exitCode, 0);
  assert.match((await run("ps")).all, /Nothing is running/);
});
