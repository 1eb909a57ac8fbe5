import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../../scripts/runtime/free_port.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member, text } from "../../test/support/http.js";
import { place, published, rows } from "../../test/support/orders.js";
import { testDatabase } from "../../test/support/own_servers.js";
import { TestQueue } from "../../test/support/queue.js";
import { ready, startOrdersService, testServers } from "../../test/support/services.js";

const database = await testDatabase();
const service = await startOrdersService({ MONGODB_URI: database.url }, undefined, { untilReady: false });
const queue = await TestQueue.open(testServers().rabbitmq, service.queue);
const brokerIsUp = async () => Object((await call(`${service.url}/ready`)).body).checks["rabbitmq"].status === "up";
await waitUntil(brokerIsUp, { what: "the broker is up", deadlineMs: 15_000 });

/** One after the other, so that the first meets connections that have just died. */
async function assertRefusesAll(): Promise<void> {
  const calls = [
    () => place(service),
    () => call(`${service.url}/orders`),
    () => call(`${service.url}/orders/${"0".repeat(24)}`),
    () => call(`${service.url}/ready`),
  ];
  for (const ask of calls) {
    const { status, headers } = await ask();
    assert.equal(status, 503);
    assert.equal(headers.get("Retry-After"), "1");
  }
  const { body } = await call(`${service.url}/ready`);
  assert.equal(member(body, "detail"), "Waiting for mongodb.");
  const check = member(member(body, "checks"), "mongodb");
  assert.equal(text(check, "status"), "down");
  assert.notEqual(text(check, "reason"), "");
  assert.equal((await call(`${service.url}/health`)).status, 200);
  assert.deepEqual(await queue.all(), []);
}

test("When neither database nor broker was ever there, then /ready names both", async () => {
  const dead = async (scheme: string) => `${scheme}://127.0.0.1:${await freePort()}`;
  const settings = { MONGODB_URI: await dead("mongodb"), RABBITMQ_URL: await dead("amqp") };
  const alone = await startOrdersService(settings, undefined, { untilReady: false });
  const answer = await call(`${alone.url}/ready`);

  assert.equal(answer.status, 503);
  assert.equal(member(answer.body, "detail"), "Waiting for mongodb and rabbitmq.");
});

/** Once it is ready, an order is taken and published once. */
async function assertTakesOrders(): Promise<void> {
  await ready(service);
  const answer = await place(service);
  const id = text(answer.body, "id");

  assert.equal(answer.status, 201);
  await published(service, id);
  assert.deepEqual(await queue.copiesOf(id), [id]);
}

test("When the database is away, comes, is killed and comes back, then the service lives on", async (t) => {
  await t.test(
    "When the database was never there, then orders are refused, /ready names it, and nothing is published",
    () => assertRefusesAll(),
  );

  await t.test(
    "When the database comes, then the service gets ready by itself, with the unique index in place",
    async () => {
      await database.start();
      await assertTakesOrders();
      const indexes = await rows(service).indexes();
      assert.equal(indexes.find(({ key }) => key["idempotency.key"] === 1)?.unique, true);
    },
  );

  await t.test(
    "When the database is killed, then orders are refused, /ready names it, and the service lives",
    async () => {
      await database.kill();
      await assertRefusesAll();
    },
  );

  await t.test("When the killed database is back, then orders are taken and published as before", async () => {
    await database.start();
    await assertTakesOrders();
  });
});
