import { type Collection, MongoClient } from "mongodb";
import type { ServerHandle } from "../runtime/handle.js";

/** Asks the orders' collection as orders_service keeps it, through a plain driver. */
export async function databaseOf<T>(database: ServerHandle, ask: (orders: Collection) => Promise<T>): Promise<T> {
  const client = new MongoClient(database.url, { serverSelectionTimeoutMS: 10_000 });
  try {
    return await ask(client.db("orders_service").collection("orders"));
  } finally {
    await client.close();
  }
}
