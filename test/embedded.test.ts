import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { ownEnvironment } from "../scripts/stack/own_environment.js";
import { call, text } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { notEmbedded, pidsIn, runScript } from "./support/scripts.js";

/** A system as make up starts it, with its state in a folder that is not easy to name in a shell. */
const folder = testFolder("up with spaces ü");
const env = await ownEnvironment(folder, "embedded");
const ordersUrl = `http://127.0.0.1:${env["ORDERS_PORT"]}`;

const run = (script: string, changes = {}) => runScript(script, { ...env, ...changes });
const pids = () => pidsIn(folder);

test("When a system is started, killed and stopped without Docker, then all that it promises holds", {
  skip: notEmbedded,
}, async (t) => {
  await t.test("When make up runs without Docker, then make test-flow works, wherever the clone is", async () => {
    const { all, exitCode } = await run("up");
    assert.equal(exitCode, 0, all);
    const widths = all
      .replaceAll(/localhost:\d+/g, "localhost:3001")
      .split("\n")
      .map((line) => line.length);
    assert.ok(Math.max(...widths) <= 80, "it fits into a terminal of 80 columns");
    const flow = await run("test_flow");
    assert.equal(flow.exitCode, 0, flow.all);
    assert.equal(pids().length, 6, "three services, the database, the broker and its name service");
  });

  await t.test("When the shell and ~/.curlrc name a proxy, then make test-flow does not use it", async () => {
    const HOME = testFolder("home");
    mkdirSync(HOME, { recursive: true });
    const proxy = "http://127.0.0.1:9";
    writeFileSync(join(HOME, ".curlrc"), `proxy = "${proxy}"\n`);
    const proxies = { http_proxy: proxy, HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: "1", NO_PROXY: "", no_proxy: "" };
    const options = { cwd: root, env: { ...env, ...proxies, HOME }, all: true, reject: false };
    const { all, exitCode } = await execa("make", ["test-flow"], options);
    assert.equal(exitCode, 0, all);
  });

  await t.test("When curl is not there, then make test-flow says what to install", async () => {
    const { all, exitCode } = await run("test_flow", { PATH: "/nowhere" });
    assert.equal(exitCode, 1);
    assert.match(all, /✖ curl is needed, and is not installed: apt-get install curl \(Debian, Ubuntu\)$/);
  });

  await t.test(
    "When a second clone asks for a port of the first, then it says who has it, and the first goes on",
    async () => {
      const before = pids();
      const others = {
        ...(await ownEnvironment(testFolder("second"), "embedded")),
        ORDERS_PORT: env["ORDERS_PORT"] ?? "",
      };
      const { all, exitCode } = await run("up", others);
      assert.equal(exitCode, 1, all);
      assert.match(all, new RegExp(`Port ${env["ORDERS_PORT"]} is taken`));
      assert.deepEqual(pids(), before);
    },
  );

  await t.test("When everything was killed with -9, then make up starts it again, with the data", async () => {
    const { status, body } = await call(`${ordersUrl}/orders`, { method: "POST", json: newOrder() });
    assert.equal(status, 201);
    for (const pid of pids()) process.kill(pid, "SIGKILL");
    await waitUntil(() => pids().length === 0, { what: "all are gone", deadlineMs: 10_000 });

    const { all, exitCode } = await run("up");
    assert.equal(exitCode, 0, all);
    assert.equal((await call(`${ordersUrl}/orders/${text(body, "id")}`)).status, 200);
  });

  await t.test("When make up runs with trace=1, then make trace shows an order's way, and it stays so", async () => {
    const up = await run("up", { trace: "1" });
    assert.equal(up.exitCode, 0, up.all);
    assert.equal((await run("up")).exitCode, 0);
    assert.match((await run("ps")).all, /^span_receiver +running/m);
    const { body } = await call(`${ordersUrl}/orders`, { method: "POST", json: newOrder() });
    const whole =
      /^POST \/orders .*\n├─ insert orders .*\n└─ send orders_queue .*\n {3}└─ process orders_queue: printed /m;
    let shown = "";
    const isWhole = async () => {
      shown = (await run("trace", { id: text(body, "id") })).all;
      return whole.test(shown) && shown.includes(" mark ");
    };
    // Each service sends its spans when it likes to, so that either's may be the first.
    await waitUntil(isWhole, { what: "the whole trace is shown", deadlineMs: 60_000 });
    for (const line of shown.split("\n")) assert.ok(line.length <= 80, line);
    const unknown = await run("trace", { id: "unknown" });
    assert.match(unknown.all, /✖ No spans of unknown are kept/);
  });

  await t.test("When an operator asks the broker and the logs, then both answer", async () => {
    assert.match((await run("rabbitmqctl", { args: "list_queues --silent name" })).all, /^orders_queue$/m);
    assert.match((await run("logs", { level: "info" })).all, /^\{.*"message":"listening"/);
    assert.doesNotMatch((await run("logs", { level: "warn" })).all, /"message":"listening"/);
    assert.match((await run("logs", { level: "loud" })).all, /✖ level must be one of error, warn, info, debug/);
  });

  await t.test("When make down has run, then no process is left", async () => {
    const { all, exitCode } = await run("down");
    assert.equal(exitCode, 0, all);
    assert.deepEqual(pids(), []);
  });

  await t.test("When make up is stopped by Ctrl-C, then it leaves no process and no record", async () => {
    const up = run("up");
    await waitUntil(() => pids().length >= 2, { what: "it has begun", deadlineMs: 30_000 });
    up.kill("SIGINT");
    const { all, exitCode } = await up;
    assert.equal(exitCode, 130, all);
    assert.deepEqual(pids(), []);
    assert.ok(!existsSync(join(folder, "stack.json")));
  });

  await t.test(
    "When make up is to start a broker in a folder with a quote in its name, then it says that it can't",
    async () => {
      const { all, exitCode } = await run("up", { UP_STATE_DIR: testFolder("O'Brien") });
      assert.equal(exitCode, 1, all);
      assert.match(all, /RabbitMQ can't run in .*O'Brien.*quote/);
    },
  );
});
