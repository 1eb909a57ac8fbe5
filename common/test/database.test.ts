import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Database } from "@order-flow/common/mongo/database.js";
import { Schema } from "mongoose";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { plainDatabase } from "../../test/support/own_servers.js";
import { quietLogger, recordingLogger } from "../../test/support/recording_logger.js";
import { testServers } from "../../test/support/services.js";

async function openDatabase(): Promise<Database> {
  const database = new Database({ uri: testServers().mongodb, defaultName: "never", logger: quietLogger() });
  afterAll(() => database.close());
  database.start();
  await waitUntil(() => database.probe(), { what: "the database is up", deadlineMs: 10_000 });
  return database;
}

test("When calls never end, then they are given up in time, and are in nobody's way afterwards", async () => {
  const database = await openDatabase();
  const never = () => database.run(() => new Promise<void>(() => {}));
  const stuck = Promise.allSettled(Array.from({ length: 500 }, never));

  await assert.rejects(never(), /Too many requests wait/);
  assert.deepEqual(new Set((await stuck).map(({ status }) => status)), new Set(["rejected"]));
  assert.equal(await database.run(async () => "done"), "done");
});

test("When clients use up all calls, then work in the background goes on, for longer than a client waits", async () => {
  const database = await openDatabase();
  const clients = Promise.allSettled(
    Array.from({ length: 500 }, () => database.run(() => new Promise<void>(() => {}))),
  );

  assert.equal(await database.runInBackground(() => sleep(3_000, "done")), "done");
  await clients;
});

test("When a unique index can't be built, then the reason says so, without the value, until it can", async () => {
  const { uri, db } = plainDatabase();
  const users = db.collection("users");
  await users.insertMany([{ email: "ada@example.com" }, { email: "ada@example.com" }]);
  const { logger, lines } = recordingLogger();
  const database = new Database({ uri, defaultName: "unused", logger });
  const schema = new Schema({ email: String }, { collection: "users" });
  database.connection.model("User", schema.index({ email: 1 }, { unique: true }));
  afterAll(() => database.close());
  database.start();
  await waitUntil(() => database.reason?.includes("E11000") ?? false, { what: "the reason", deadlineMs: 10_000 });
  assert.equal(await database.probe(), false);
  await users.deleteOne();
  await waitUntil(() => database.probe(), { what: "the database is up", deadlineMs: 10_000 });

  const warnings = lines.filter((line) => line.includes("mongodb is not ready yet"));
  assert.equal(warnings.length, 1);
  assert.match(warnings.join(), /E11000/);
  assert.doesNotMatch(warnings.join(), /ada@/);
});
