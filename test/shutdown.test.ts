import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { ObjectId } from "mongodb";
import { HeldRequest } from "./support/held_request.js";
import { call, text } from "./support/http.js";
import { newOrder } from "./support/orders.js";
import { plainDatabase } from "./support/own_servers.js";
import { ended, ServiceProcess } from "./support/processes.js";
import { TestQueue } from "./support/queue.js";
import { testServers } from "./support/services.js";

async function startUsers() {
  const { uri, db } = plainDatabase();
  const service = await ServiceProcess.start("user_service", { MONGODB_URI: uri, BCRYPT_ROUNDS: "10" });
  await service.answers();
  return { service, users: db.collection("users") };
}

async function startOrders(queue: TestQueue) {
  const { uri, db } = plainDatabase();
  const settings = { MONGODB_URI: uri, RABBITMQ_URL: testServers().rabbitmq, ORDERS_QUEUE: queue.name };
  const service = await ServiceProcess.start("orders_service", settings);
  await service.answers();
  return { service, orders: db.collection("orders") };
}

const someone = (name: string) => ({ name, email: `${name}@example.com`, password: "correct horse battery" });

/** On a connection of its own: fetch would take one that it has. */
async function assertRefuses(service: ServiceProcess): Promise<void> {
  const { hostname, port } = new URL(service.url);
  await assert.rejects(once(connect(Number(port), hostname), "connect"), { code: "ECONNREFUSED" });
}

/** Stops the service while a POST is under way, and returns the id in the response to it. */
async function stoppedWithin(service: ServiceProcess, path: string, json: object): Promise<string> {
  const held = await HeldRequest.begin(`${service.url}${path}`, json);
  service.signal("SIGTERM");
  await service.logs("stopping");
  await assertRefuses(service);
  const answer = await held.finish();
  assert.deepEqual(await service.ended, ended);
  assert.equal(answer.status, 201);
  assert.equal(answer.connection, "close", "its client is told to send nothing more through this connection");
  return text(answer.body, "id");
}

test("When user_service is told to stop, then it takes nothing new, answers what runs, and ends with 0", async () => {
  const { service, users } = await startUsers();
  const id = await stoppedWithin(service, "/users", someone("ada"));

  assert.ok(await users.findOne({ _id: new ObjectId(id) }));
  await service.logs("stopped");
});

test("When orders_service is told to stop, then what runs is answered, stored and published before it ends", async () => {
  const queue = await TestQueue.create();
  const { service, orders } = await startOrders(queue);
  const id = await stoppedWithin(service, "/orders", newOrder());

  const row = await orders.findOne({ _id: new ObjectId(id) });
  assert.ok(row?.["published_at"] instanceof Date, "it is written down that it was published");
  assert.equal(row["outbox"], undefined);
  assert.equal(await queue.waiting(), 1);
});

test("When it is told to stop twice, and connections are kept alive, then it ends with 0", async () => {
  const { service } = await startUsers();
  await Promise.all(Array.from({ length: 5 }, () => call(`${service.url}/health`)));
  service.signal("SIGTERM");
  await service.logs("stopping");
  const exit = await service.end("SIGINT");

  assert.deepEqual(exit, ended);
  assert.equal(service.logged("stopping").length, 1);
});

test("When a client never sends the rest of its request, then it is cut off and the service ends with 0", async () => {
  const { service } = await startUsers();
  const held = await HeldRequest.begin(`${service.url}/users`, someone("slow"));
  const exit = await service.end();
  await held.cut();

  assert.deepEqual(exit, ended);
});

test("When its database and its broker can't be reached, then orders_service ends with 0 all the same", async () => {
  const nowhere = { MONGODB_URI: "mongodb://127.0.0.1:1", RABBITMQ_URL: "amqp://127.0.0.1:1" };
  const service = await ServiceProcess.start("orders_service", nowhere);
  await service.answers("/health");

  assert.deepEqual(await service.end(), ended);
});

/** Posts again and again until the service does not answer any more; returns the ids that it accepted. */
async function acceptedBy(url: string, next: () => object): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const answer = await call(url, { method: "POST", json: next() }).catch(() => undefined);
    if (!answer) return ids;
    // Refused before anything is stored: a busy machine hashes slowly.
    if (answer.status === 503 && /waited too long to be hashed/.test(text(answer.body, "detail"))) continue;
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    ids.push(text(answer.body, "id"));
  }
}

/** Stops the service while five clients keep their connections busy; returns what it accepted. */
async function stoppedUnderLoad(service: ServiceProcess, path: string, next: () => object): Promise<readonly string[]> {
  const clients = Array.from({ length: 5 }, () => acceptedBy(`${service.url}${path}`, next));
  await service.logs("request", { method: "POST" }, 25);
  assert.deepEqual(await service.end(), ended);
  return (await Promise.all(clients)).flat();
}

test("When user_service is told to stop under load, then it said of every user it stored that it was created", async () => {
  const { service, users } = await startUsers();
  let number = 0;
  const ids = await stoppedUnderLoad(service, "/users", () => someone(`user${++number}`));

  const stored = await users.find().toArray();
  assert.deepEqual(stored.map(({ _id }) => _id.toHexString()).sort(), [...ids].sort());
});

test("When orders_service is told to stop under load, then every order it took is answered and published once", async () => {
  const queue = await TestQueue.create();
  const { service, orders } = await startOrders(queue);
  const ids = await stoppedUnderLoad(service, "/orders", newOrder);
  const messages = await queue.all();

  assert.equal(await orders.countDocuments(), ids.length);
  assert.equal(await orders.countDocuments({ outbox: { $exists: true } }), 0);
  assert.deepEqual(messages.map(({ properties }) => String(properties.messageId)).sort(), [...ids].sort());
});
