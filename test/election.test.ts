import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../scripts/runtime/wait.js";
import { ElectingReplicaSet, interruptions } from "./support/electing_replica_set.js";
import { call, text } from "./support/http.js";
import { TestInbox } from "./support/inbox.js";
import { assertUnavailable, OrderClients } from "./support/order_clients.js";
import { newOrder, place, published, rows } from "./support/orders.js";
import { startConsumer } from "./support/processes.js";
import { lines, TestQueue } from "./support/queue.js";
import { databaseUri, startOrdersService, startUserService, uniqueName } from "./support/services.js";
import { change, create, created, get, remove, someone, rows as userRows } from "./support/users.js";

const electionMs = 10_000;
const endings = interruptions.flatMap((endsWith) => [true, false].map((kept) => ({ endsWith, kept })));

async function electing(retryWrites: boolean) {
  const plainUri = databaseUri(uniqueName("election"));
  return { ...(await ElectingReplicaSet.inFrontOf(plainUri, retryWrites)), plainUri };
}

const startOrders = (uri: string) => startOrdersService({ MONGODB_URI: uri });
const startUsers = (uri: string) => startUserService({ MONGODB_URI: uri });

async function startNotifications(uri: string, queue: string) {
  const consumer = await startConsumer({ name: queue }, { MONGODB_URI: uri });
  await consumer.answers();
  return consumer;
}

const stepsDown = (set: ElectingReplicaSet) =>
  waitUntil(() => set.primary === undefined, { what: "the primary steps down", deadlineMs: 10_000 });

test("When an election takes ten seconds, then calls meanwhile are 503, and each order is printed once", async () => {
  const { set, uri } = await electing(true);
  const [orders, users] = [await startOrders(uri), await startUsers(uri)];
  const consumer = await startNotifications(uri, orders.queue);
  const id = await created(users);
  const clients = new OrderClients(orders);
  await consumer.logs("notified", {}, 20);
  set.stepDown();
  const electionTakes = sleep(electionMs);
  const refusals = [
    () => get(users, id),
    () => change(users, id, { name: "Augusta Ada King" }),
    () => create(users),
    () => call(`${orders.url}/orders`),
  ];
  for (const answer of await Promise.all(refusals.map((refused) => refused()))) assertUnavailable(answer);
  assertUnavailable(await call(`${orders.url}/ready`));
  assert.equal((await call(`${orders.url}/health`)).status, 200);
  await electionTakes;
  set.elect();
  const before = consumer.logged("notified").length;
  await consumer.logs("notified", {}, before + 20);
  const ids = await clients.stop();
  await consumer.logs("notified", {}, ids.length);

  assert.ok(clients.refused > 0);
  assert.deepEqual(consumer.output.match(/\b[0-9a-f]{24}$/gm)?.sort(), [...ids].sort());
  assert.equal(await rows(orders).countDocuments(), ids.length);
  assert.equal((await get(users, id)).status, 200);
});

for (const retryWrites of [true, false]) {
  const mode = `(retryWrites=${retryWrites})`;

  test(`When the primary has just stepped down, then reads are 503, and writes as the driver may retry them ${mode}`, async () => {
    const { set, uri } = await electing(retryWrites);
    const users = await startUsers(uri);
    const id = await created(users);
    const calls = [
      ["find", 200, () => get(users, id)],
      ["insert", 201, () => create(users)],
      ["find", 200, () => change(users, id, { name: "Augusta Ada King" })],
      ["find", 204, () => remove(users, id)],
    ] as const;
    for (const [index, [command, status, makeCall]] of calls.entries()) {
      set.stepDownAt({ command, kept: false, endsWith: "a refusal" });
      const answer = makeCall();
      await stepsDown(set);
      set.elect(index % 2);
      if (retryWrites && command !== "find") assert.equal((await answer).status, status);
      else {
        assertUnavailable(await answer);
        assert.equal((await makeCall()).status, status);
      }
    }
  });

  test(`When the primary steps down between write and answer, then each key has one order, which is published ${mode}`, async () => {
    const { set, uri } = await electing(retryWrites);
    const orders = await startOrders(uri);
    const ids: string[] = [];
    for (const { kept, endsWith } of endings) {
      const order = newOrder();
      const key = { "Idempotency-Key": uniqueName("key") };
      set.stepDownAt({ command: "insert", kept, endsWith });
      const answer = place(orders, order, key);
      await stepsDown(set);
      set.elect();
      const first = await answer;
      if (!retryWrites) assertUnavailable(first);
      const again = await place(orders, order, key);
      assert.equal(again.status, 201);
      assert.equal(again.headers.has("Idempotency-Replayed"), kept || retryWrites);
      ids.push(text(again.body, "id"));
      if (retryWrites) assert.deepEqual([first.status, text(first.body, "id")], [201, ids.at(-1)]);
    }
    for (const id of ids) await published(orders, id);
    assert.equal(await rows(orders).countDocuments(), ids.length);
  });
}

test("When the primary steps down while an order is claimed or marked, then it is printed once", async () => {
  const { set, uri, plainUri } = await electing(false);
  const queue = await TestQueue.create();
  const consumer = await startNotifications(uri, queue.name);
  const inbox = new TestInbox(plainUri);
  const ids: string[] = [];
  for (const command of ["insert", "update"])
    for (const { kept, endsWith } of endings) {
      const id = `${ids.length}`;
      ids.push(id);
      set.stepDownAt({ command, kept, endsWith });
      await queue.order(id);
      await stepsDown(set);
      set.elect();
      await inbox.becomes(id, "done");
    }
  await consumer.end();

  assert.equal(consumer.output, lines(...ids));
  assert.equal(consumer.logged("notified", { possible_duplicate: true }).length, 0);
  assert.equal(await queue.waiting(), 0);
});

test("When the primary steps down in the middle of a user's creation, then the e-mail address has one user", async () => {
  const { set, uri } = await electing(false);
  const users = await startUsers(uri);
  for (const { kept, endsWith } of endings) {
    const user = someone();
    set.stepDownAt({ command: "insert", kept, endsWith });
    assertUnavailable(await create(users, user));
    set.elect();
    assert.equal((await create(users, user)).status, kept ? 409 : 201);
    assert.equal(await userRows(users).countDocuments({ email: user.email }), 1);
  }
});
