import { createLogger } from "@order-flow/common/logging/logger.js";
import { createDatabase } from "@order-flow/orders_service/config/database.js";
import { createOrderModel, type OrderModel, type StoredOrder } from "@order-flow/orders_service/models/order.js";
import { OutboxStore } from "@order-flow/orders_service/services/outbox_store.js";
import { mongo } from "mongoose";
import { showProgress } from "../scripts/chaos/progress.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { main } from "../scripts/stack/main.js";
import { wholeNumber } from "../scripts/stack/settings.js";
import { rounded, showTable } from "./figure.js";
import { median } from "./load.js";
import { drivenBy, placeOrder } from "./rows.js";
import { BenchServers } from "./servers.js";
import type { System } from "./system.js";

/** Rows that one insert stores. */
const batch = 500;
/** Owns the first page of orders; every other order has its own user. */
const buyer = new mongo.ObjectId();
const owned = 20;
let servers: BenchServers | undefined;

async function scale(): Promise<void> {
  const [max, seconds] = [wholeNumber("n", 1_000_000, 1), wholeNumber("seconds", 3, 1)];
  servers = await BenchServers.start("scale");
  const { database, broker } = servers;
  console.log(`Orders beside so many that are stored, on ${database.kind} and ${broker.kind}\n`);
  const system = await servers.system("scale");
  const store = await openStore(system.mongodbUri);
  const results: Record<string, object> = {};
  // Warm-up: V8 compiles hot code.
  await drivenBy(system.orders, placeOrder, seconds);
  const example = await publishedOrder(store.orders);
  let stored = 0;
  for (const size of [1_000, 10_000, 100_000, 1_000_000].filter((size) => size < max).concat(max)) {
    await fill(store.orders, example, stored, size);
    stored = size;
    results[`${size} stored`] = await measure({
      ...{ system, store, example, seconds },
      genuine: database.kind.startsWith("MongoDB"),
    });
    console.log(`${size} stored: done`);
  }
  showTable(results);
  console.log(await replicas(system, seconds));
  await store.database.close();
  await servers.remove();
}

interface Store {
  readonly database: ReturnType<typeof createDatabase>;
  readonly orders: OrderModel;
  readonly outbox: OutboxStore;
}

/** The service's own queries on the database of a service that runs. */
async function openStore(uri: string): Promise<Store> {
  const database = createDatabase(uri, createLogger("scale", { LOG_LEVEL: "error", LOG_FORMAT: "auto" }));
  const orders = createOrderModel(database.connection);
  database.start();
  await waitUntil(() => database.probe(), { what: "the database answers", deadlineMs: 20_000 });
  return { database, orders, outbox: new OutboxStore(orders, database) };
}

/** A stored order, as it is for good. */
async function publishedOrder(orders: OrderModel): Promise<StoredOrder> {
  const find = () =>
    orders
      .findOne({ published_at: { $ne: null } })
      .lean<StoredOrder>()
      .orFail()
      .exec();
  const isThere = () => find().then(Boolean, () => false);
  await waitUntil(isThere, { what: "an order is published", deadlineMs: 20_000 });
  return find();
}

/** Stores copies of `example` until there are `size` of them. */
async function fill(orders: OrderModel, example: StoredOrder, from: number, size: number): Promise<void> {
  let stored = from;
  const storeAll = async () => {
    while (stored < size) {
      const length = Math.min(batch, size - stored);
      await orders.collection.insertMany(Array.from({ length }, (_, place) => copyOf(example, stored + place < owned)));
      stored += length;
    }
  };
  await Promise.all([storeAll(), showProgress("Stored", size, () => stored)]);
}

const copyOf = (example: StoredOrder, buyers = false): StoredOrder => ({
  ...example,
  _id: new mongo.ObjectId(),
  user_id: buyers ? buyer : new mongo.ObjectId(),
});

interface Measurement {
  readonly system: System;
  readonly store: Store;
  readonly example: StoredOrder;
  readonly seconds: number;
  /** Whether the database is MongoDB itself. */
  readonly genuine: boolean;
}

/** The figures of one line. */
async function measure({ system: { orders }, store, example, seconds, genuine }: Measurement) {
  const one = await store.orders.findOne({ user_id: buyer }).lean<StoredOrder>().orFail().exec();
  const get = async (path: string) => (await drivenBy(orders, { path, expected: 200 }, seconds)).perSecond;
  return {
    "create order /s": rounded((await drivenBy(orders, placeOrder, seconds)).perSecond),
    "its writes alone /s": rounded(await writesAlone(store, example, seconds)),
    "get order /s": rounded(await get(`/orders/${one._id.toHexString()}`)),
    "a user's orders /s": rounded(await get(`/orders?user_id=${buyer.toHexString()}`)),
    // The stand-in sorts the whole collection for that.
    "all orders /s": genuine ? rounded(await get("/orders")) : undefined,
    "claim ms": rounded(await milliseconds(() => claimBatch(store.outbox))),
    "count ms": rounded(await milliseconds(() => store.outbox.backlog(AbortSignal.timeout(20_000)))),
  };
}

/** Orders a second for which the database makes what an order needs of it, with no service and no broker. */
async function writesAlone({ orders, outbox }: Store, example: StoredOrder, seconds: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1_000) {
    const placed = Array.from({ length: 32 }, () => ({
      ...copyOf(example),
      published_at: null,
      outbox: { due_at: new Date(Date.now() + 60_000), tries: 0, request_id: "alone" },
    }));
    await orders.collection.insertMany(placed, { ordered: false });
    await Promise.all(placed.map((order) => outbox.markPublished(order)));
    done += placed.length;
  }
  return (done * 1_000) / (performance.now() - start);
}

async function claimBatch(outbox: OutboxStore): Promise<void> {
  const batches = outbox.claimDue(AbortSignal.timeout(20_000));
  await batches.next();
  await batches.return();
}

/** The median of twenty calls. */
async function milliseconds(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  while (times.length < 20) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** What a second process adds: 32 clients of one, and 16 of each of two, in turns. */
async function replicas({ orders, secondOrders }: System, seconds: number): Promise<string> {
  await secondOrders.start();
  await waitUntil(() => secondOrders.isReady(), { what: "the second is ready", deadlineMs: 60_000 });
  const ratios: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const alone = await drivenBy(orders, placeOrder, seconds);
    const both = await Promise.all([orders, secondOrders].map((each) => drivenBy(each, placeOrder, seconds, 16)));
    // The first round warms the second up.
    if (round > 0) ratios.push(both.reduce((sum, { perSecond }) => sum + perSecond, 0) / alone.perSecond);
  }
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return `create order with 2 replicas: ${median(ratios).toFixed(2)} times as many as with one (${spread})`;
}

await main(scale, { cleanup: async () => servers?.remove() });
