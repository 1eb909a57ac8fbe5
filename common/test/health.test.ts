import assert from "node:assert/strict";
import { test } from "node:test";
import { type Dependency, rabbitDependency } from "@order-flow/common/http/health.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { call, member, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { manage } from "../../test/support/rabbit.js";
import { testServers } from "../../test/support/services.js";
import { startFrame } from "../../test/support/test_app.js";

/** A service with a database that it needs and a broker, each up or away as `up` says. */
async function start(details?: Dependency["details"]) {
  const up = { mongodb: false, rabbitmq: false };
  const critical = { rabbitmq: true };
  const dependencies: Dependency[] = [
    { name: "mongodb", isCritical: () => true, isUp: async () => up.mongodb, ...(details && { details }) },
    { name: "rabbitmq", isCritical: () => critical.rabbitmq, isUp: () => up.rabbitmq },
  ];
  const { url } = await startFrame({ dependencies });
  return { up, critical, ready: () => call(`${url}/ready`), health: () => call(`${url}/health`) };
}

test("When nothing that a service needs has answered yet, then it is alive and not ready, and names all of it", async () => {
  const { ready, health } = await start();
  const answer = await ready();

  assertProblem(answer, 503, "/ready");
  assert.equal(text(answer.body, "detail"), "Waiting for mongodb and rabbitmq.");
  assert.equal(answer.headers.get("Retry-After"), "1");
  assert.deepEqual(member(answer.body, "checks"), { mongodb: { status: "down" }, rabbitmq: { status: "down" } });
  const alive = await health();
  assert.equal(alive.status, 200);
  assert.deepEqual(alive.body, { status: "ok" });
});

test("When one has answered, then it is still not ready, and names the other, needed or not", async () => {
  const { up, ready } = await start();
  up.mongodb = true;

  assert.equal(text((await ready()).body, "detail"), "Waiting for rabbitmq.");
});

test("When all but what it can do without is up, then it is ready, and says what is away", async () => {
  const { up, critical, ready } = await start();
  up.mongodb = true;
  critical.rabbitmq = false;
  const answer = await ready();

  assert.equal(answer.status, 200);
  const checks = { mongodb: { status: "up" }, rabbitmq: { status: "down" } };
  assert.deepEqual(answer.body, { status: "ready", checks });
});

for (const [critical, status] of [
  [false, 200],
  [true, 503],
] as const)
  test(`When a broker that is ${critical ? "" : "not "}critical was up before anybody asked, then /ready is ${status} without it`, async (t) => {
    const { proxy, url } = await FaultProxy.inFrontOf(testServers().rabbitmq);
    const { manager, connected } = manage(t, { urls: [url], queues: [] });
    const { url: frame } = await startFrame({ dependencies: [rabbitDependency(manager, { critical })] });
    await connected();
    await proxy.close();
    await waitUntil(() => manager.connection === undefined, { what: "the broker is away", deadlineMs: 15_000 });

    assert.equal((await call(`${frame}/ready`)).status, status);
  });

test("When a broker was never there, then /ready waits for it, critical or not", async (t) => {
  const { manager } = manage(t, { urls: ["amqp://127.0.0.1:1"], queues: [] });
  const { url } = await startFrame({ dependencies: [rabbitDependency(manager, { critical: false })] });

  assert.equal((await call(`${url}/ready`)).status, 503);
});

test("When the one that it needs goes away, then it is not ready, until that is back", async () => {
  const { up, critical, ready, health } = await start();
  critical.rabbitmq = false;
  Object.assign(up, { mongodb: true, rabbitmq: true });
  assert.equal((await ready()).status, 200);
  Object.assign(up, { mongodb: false, rabbitmq: false });
  const answer = await ready();

  assertProblem(answer, 503);
  assert.equal(text(answer.body, "detail"), "Waiting for mongodb.");
  assert.equal((await health()).status, 200);
  up.mongodb = true;
  assert.equal((await ready()).status, 200);
});

test("When a dependency has figures, then /ready shows them", async () => {
  const { up, ready } = await start(() => ({ outbox: { waiting: 3 } }));
  Object.assign(up, { mongodb: true, rabbitmq: true });
  const { body } = await ready();

  assert.deepEqual(member(member(body, "checks"), "mongodb"), { status: "up", outbox: { waiting: 3 } });
});
