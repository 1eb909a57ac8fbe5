import assert from "node:assert/strict";
import { test } from "node:test";
import { MongoClient } from "mongodb";
import { MongoMemoryReplSet } from "mongodb-memory-server-core";
import { genuineMongod } from "../scripts/runtime/mongod.js";
import { onPath } from "../scripts/runtime/programs.js";
import { afterAll } from "./support/cleanup.js";
import { text } from "./support/http.js";
import { assertUnavailable, OrderClients } from "./support/order_clients.js";
import { newOrder, place, rows } from "./support/orders.js";
import { startConsumer } from "./support/processes.js";
import { startOrdersService } from "./support/services.js";

const mongod = (await onPath("mongod")) ?? (await genuineMongod());
const options = { skip: mongod === undefined && "there is no mongod on PATH, and none can be downloaded here" };

class ReplicaSet {
  readonly #set: MongoMemoryReplSet;
  readonly #client: MongoClient;

  /** Three members, which elect another primary when they have not heard of theirs for five seconds. */
  static async start(): Promise<ReplicaSet> {
    const set = await MongoMemoryReplSet.create({
      binary: { ...(mongod && { systemBinary: mongod }) },
      replSet: { count: 3, storageEngine: "wiredTiger", configSettings: { electionTimeoutMillis: 5_000 } },
    });
    afterAll(() => set.stop());
    return new ReplicaSet(set);
  }

  private constructor(set: MongoMemoryReplSet) {
    this.#set = set;
    this.#client = new MongoClient(set.getUri());
    afterAll(() => this.#client.close());
  }

  get uri(): string {
    return this.#set.getUri("replica_set");
  }

  async stepDown(): Promise<void> {
    await this.#client.db("admin").command({ replSetStepDown: 30, force: true });
  }

  /** The process ids of the members. */
  async pids(): Promise<{ readonly primary: number; readonly secondaries: readonly number[] }> {
    const { primary } = await this.#client.db("admin").command({ hello: 1 });
    const members = this.#set.servers.map(({ instanceInfo }) => ({
      pid: instanceInfo?.instance.mongodProcess?.pid ?? assert.fail("a member does not run"),
      isPrimary: primary === `127.0.0.1:${instanceInfo?.port}`,
    }));
    const secondaries = members.filter(({ isPrimary }) => !isPrimary).map(({ pid }) => pid);
    return {
      primary: members.find(({ isPrimary }) => isPrimary)?.pid ?? assert.fail(`who is ${primary}?`),
      secondaries,
    };
  }
}

test("When the primary steps down under load and the next one is killed, then no order is lost", options, async () => {
  const set = await ReplicaSet.start();
  const orders = await startOrdersService({ MONGODB_URI: set.uri });
  const consumer = await startConsumer({ name: orders.queue }, { MONGODB_URI: set.uri });
  const clients = new OrderClients(orders);
  const someMore = () => consumer.logs("notified", {}, consumer.logged("notified").length + 50);
  await someMore();
  await set.stepDown();
  await someMore();
  process.kill((await set.pids()).primary, "SIGKILL");
  await someMore();
  const ids = await clients.stop();
  await consumer.logs("notified", {}, ids.length);

  assert.deepEqual(consumer.output.match(/\b[0-9a-f]{24}$/gm)?.sort(), [...ids].sort());
  assert.equal(await rows(orders).countDocuments(), ids.length);
});

test(
  "When no majority has an order, then it is not accepted, nor for a repeated key, until one has",
  options,
  async () => {
    const set = await ReplicaSet.start();
    const orders = await startOrdersService({ MONGODB_URI: set.uri });
    const key = { "Idempotency-Key": "one-order" };
    const { secondaries } = await set.pids();
    for (const pid of secondaries) process.kill(pid, "SIGSTOP");
    for (const _ of [1, 2]) assertUnavailable(await place(orders, newOrder(), key));
    for (const pid of secondaries) process.kill(pid, "SIGCONT");
    // Until one is taken.
    await new OrderClients(orders, 1).stop();
    const [first, second] = [await place(orders, newOrder(), key), await place(orders, newOrder(), key)];

    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(text(first.body, "id"), text(second.body, "id"));
    assert.equal(await rows(orders).countDocuments({ "idempotency.key": "one-order" }), 1);
  },
);
