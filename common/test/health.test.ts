import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dependency } from "@order-flow/common/http/health.js";
import { call, member, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startFrame } from "../../test/support/test_app.js";

/** A service with a database that it needs and a broker that it can do without, each up or away as `up` says. */
async function start(details?: Dependency["details"]) {
  const up = { mongodb: false, rabbitmq: false };
  const dependencies: Dependency[] = [
    { name: "mongodb", critical: true, isUp: async () => up.mongodb, ...(details && { details }) },
    { name: "rabbitmq", critical: false, isUp: () => up.rabbitmq },
  ];
  const { url } = await startFrame({ dependencies });
  return { up, ready: () => call(`${url}/ready`), health: () => call(`${url}/health`) };
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

test("When each has answered once, then it is ready, also while the one that it can do without is away", async () => {
  const { up, ready } = await start();
  up.rabbitmq = true;
  assert.equal((await ready()).status, 503);
  Object.assign(up, { mongodb: true, rabbitmq: false });
  const answer = await ready();

  assert.equal(answer.status, 200, "not at once, but each once");
  const checks = { mongodb: { status: "up" }, rabbitmq: { status: "down" } };
  assert.deepEqual(answer.body, { status: "ready", checks });
});

test("When the one that it needs goes away, then it is not ready, until that is back", async () => {
  const { up, ready, health } = await start();
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
