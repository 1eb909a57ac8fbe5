import { existsSync, readFileSync } from "node:fs";
import { MongoClient } from "mongodb";
import type { Cluster } from "./cluster.js";
import type { OrderLoad } from "./order_load.js";

/** What became of every order of a run. */
export interface Ledger {
  readonly sent: number;
  readonly accepted: number;
  readonly stored: number;
  /** Different orders, not lines. */
  readonly printed: number;
  /** Accepted and never printed. */
  readonly lost: number;
  /** Lines too many that the log announced with `possible_duplicate`: a process died between line and record. */
  readonly doubledInWindow: number;
  /** Lines too many without that excuse. */
  readonly doubled: number;
  /** Idempotency keys under which more than one order is stored. */
  readonly torn: number;
}

/** Adds up what became of the orders of `load`: by the clients, the database, the printed lines and the logs. */
export async function takeLedger(cluster: Cluster, load: OrderLoad): Promise<Ledger> {
  const { printed } = cluster;
  const printedOrders = printed.read();
  const announced = announcedRepeats(cluster);
  let [doubled, doubledInWindow] = [0, 0];
  for (const [id, times] of printed.doubled) {
    if (!load.accepted.has(id)) continue;
    const excused = Math.min(times - 1, announced.get(id) ?? 0);
    doubledInWindow += excused;
    doubled += times - 1 - excused;
  }
  const { stored, keys } = await storedOrders(cluster);
  return {
    sent: load.sent,
    accepted: load.accepted.size,
    stored,
    printed: printedOrders,
    lost: [...load.accepted.keys()].filter((id) => printed.times(id) === 0).length,
    doubledInWindow,
    doubled,
    torn: stored - keys,
  };
}

/** How many orders and how many idempotency keys orders_service has stored, through a plain driver. */
async function storedOrders({ database }: Cluster) {
  const client = new MongoClient(database.url, { serverSelectionTimeoutMS: 10_000 });
  try {
    const orders = client.db("orders_service").collection("orders");
    return { stored: await orders.countDocuments(), keys: (await orders.distinct("idempotency.key")).length };
  } finally {
    await client.close();
  }
}

/** How often the logs announced that an order's line may be a repetition. */
function announcedRepeats(cluster: Cluster): ReadonlyMap<string, number> {
  const repeats = new Map<string, number>();
  for (const file of cluster.notifications.flatMap(({ errorLogs }) => errorLogs).filter(existsSync)) {
    const lines = readFileSync(file, "utf8").split("\n");
    for (const line of lines.filter((text) => text.includes('"possible_duplicate":true'))) {
      const id = /"order_id":"([^"]+)"/.exec(line)?.[1] ?? "";
      repeats.set(id, (repeats.get(id) ?? 0) + 1);
    }
  }
  return repeats;
}
