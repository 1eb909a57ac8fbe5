import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member, text } from "../../test/support/http.js";
import { newOrder, place, published, stored } from "../../test/support/orders.js";
import { testBroker } from "../../test/support/own_servers.js";
import { TestQueue } from "../../test/support/queue.js";
import { startOrdersService } from "../../test/support/services.js";

const restartMs = 60_000;

const broker = await testBroker();
const service = await startOrdersService({ RABBITMQ_URL: broker.url }, undefined, { untilReady: false });
const readiness = () => call(`${service.url}/ready`);

const checkOf = async (name: string) => member(member(member((await readiness()).body, "checks"), name), "status");

await waitUntil(async () => (await checkOf("mongodb")) === "up", { what: "the database is up", deadlineMs: 15_000 });

const brokerIs = (status: string) =>
  waitUntil(async () => (await checkOf("rabbitmq")) === status, {
    what: `orders_service says that the broker is ${status}`,
    deadlineMs: restartMs,
  });

/** The copies of these messages that the broker has, and no other. */
async function copiesOf(...ids: readonly string[]): Promise<unknown[]> {
  const queue = await TestQueue.open(broker.url, service.queue);
  const copies = await queue.copiesOf(...ids);
  await queue.close();
  return copies;
}

const waitingOnes: string[] = [];

test("When the broker is away, comes, freezes, is killed and comes back, then no order is lost", async (t) => {
  await t.test(
    "When the broker was never there, then /ready is 503 and names it, while the service is healthy",
    async () => {
      const answer = await readiness();

      assert.equal(answer.status, 503);
      assert.equal(member(answer.body, "detail"), "Waiting for rabbitmq.");
      const check = member(member(answer.body, "checks"), "rabbitmq");
      assert.equal(member(check, "status"), "down");
      assert.match(text(check, "reason"), /ECONNREFUSED/);
      assert.equal(answer.headers.get("Retry-After"), "1");
      assert.equal((await call(`${service.url}/health`)).status, 200);
    },
  );

  await t.test(
    "When an order is placed without a broker, then it is taken, and waits in its row with its request",
    async () => {
      const answer = await place(service, newOrder(), { "X-Request-Id": "without-a-broker" });
      const id = text(answer.body, "id");
      const row = await stored(service, id);

      assert.equal(answer.status, 201);
      assert.equal(row["published_at"], null);
      const { due_at, ...rest } = row["outbox"];
      assert.ok(due_at <= new Date(), "it is due as soon as there is a broker");
      assert.deepEqual(rest, { tries: 0, request_id: "without-a-broker" });
      const waiting = async () => Object((await readiness()).body).checks.mongodb.outbox?.waiting;
      await waitUntil(async () => (await waiting()) === 1, { what: "/ready tells that one waits", deadlineMs: 60_000 });
      waitingOnes.push(id);
    },
  );

  await t.test(
    "When the broker comes, then what waited is published as it would have been, and /ready is 200",
    async () => {
      waitingOnes.push(text((await place(service)).body, "id"));
      await broker.start();
      const [first = "", second = ""] = waitingOnes;
      for (const id of waitingOnes) await published(service, id, restartMs);
      const queue = await TestQueue.open(broker.url, service.queue);
      const { properties } = await queue.messageOf(first);
      const others = await queue.copiesOf(...waitingOnes);
      await queue.close();

      assert.equal(properties.correlationId, "without-a-broker");
      assert.equal(properties.deliveryMode, 2);
      assert.deepEqual(others, [second]);
      assert.equal((await readiness()).status, 200);
      assert.equal(await checkOf("rabbitmq"), "up");
    },
  );

  const confirmed: string[] = [];
  let unanswered = "";
  let withoutBroker = "";

  await t.test("When the broker freezes, then an order sent to it is taken, and not called published", async () => {
    // A queue that was declared a moment before a kill may be gone, with all that it had confirmed: this one is on disk.
    await broker.stop();
    await broker.start();
    await brokerIs("up");
    for (let placed = 0; placed < 10; placed += 1) confirmed.push(text((await place(service)).body, "id"));
    for (const id of confirmed) await published(service, id);
    await broker.freeze();
    const answer = await place(service);
    unanswered = text(answer.body, "id");
    await broker.kill();
    await brokerIs("down");
    const row = await stored(service, unanswered);

    assert.equal(answer.status, 201);
    assert.equal(row["published_at"], null);
    assert.ok(row["outbox"]);
  });

  await t.test(
    "When the broker was there and is gone, then /ready stays 200 and tells it, and orders are taken",
    async () => {
      const [answer, placed] = [await readiness(), await place(service)];
      withoutBroker = text(placed.body, "id");

      assert.equal(answer.status, 200);
      assert.equal(member(answer.body, "status"), "ready");
      assert.equal(await checkOf("rabbitmq"), "down");
      assert.equal(placed.status, 201);
    },
  );

  await t.test(
    "When the killed broker is back, then it has what it had confirmed, and gets what it had not, once",
    async () => {
      await broker.start();
      for (const id of [unanswered, withoutBroker]) await published(service, id, restartMs);

      const all = [...confirmed, unanswered, withoutBroker];
      assert.deepEqual(await copiesOf(...all), all.sort());
      assert.equal(await checkOf("rabbitmq"), "up");
    },
  );

  await t.test("When the broker closes every connection, then the next orders arrive all the same", async () => {
    await broker.ctl("close_all_connections", "a test closes them");
    const ids: string[] = [];
    for (let placed = 0; placed < 10; placed += 1) ids.push(text((await place(service)).body, "id"));
    for (const id of ids) await published(service, id, restartMs);

    // One that was under way when the connection ended may have arrived already: at least once.
    assert.deepEqual([...new Set(await copiesOf(...ids))], ids.sort());
  });
});
