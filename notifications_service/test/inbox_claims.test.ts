import assert from "node:assert/strict";
import { test } from "node:test";
import { Database } from "@order-flow/common/mongo/database.js";
import { createInboxModel } from "@order-flow/notifications_service/models/inbox_entry.js";
import { MongoInbox } from "@order-flow/notifications_service/services/inbox.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { TestInbox } from "../../test/support/inbox.js";
import { quietLogger } from "../../test/support/recording_logger.js";

const rows = new TestInbox();
const [one, other] = [await openInbox(), await openInbox()];

/** The inbox as one process has it. */
async function openInbox(): Promise<MongoInbox> {
  const database = new Database({ uri: rows.uri, defaultName: "unused", logger: quietLogger() });
  const inbox = new MongoInbox(createInboxModel(database.connection), database);
  database.start();
  afterAll(() => database.close());
  await waitUntil(() => database.isUp(), { what: "the database is up", deadlineMs: 20_000 });
  return inbox;
}

const print = { decision: "print", possibleDuplicate: false } as const;

test("When many orders are claimed together and some are known, then each has the claim that is right for it", async () => {
  await one.claim(["printed", "under way"]);
  await one.markPrinted(["printed"]);
  await rows.leaveStarted("left", new Date(Date.now() - 1));
  const claims = await other.claim(["new", "printed", "under way", "left", "newer"]);

  assert.deepEqual([...claims.keys()], ["new", "printed", "under way", "left", "newer"]);
  assert.deepEqual([claims.get("new"), claims.get("newer")], [print, print]);
  assert.deepEqual(claims.get("printed"), { decision: "skip" });
  assert.equal(claims.get("under way")?.decision, "wait");
  assert.deepEqual(claims.get("left"), { decision: "print", possibleDuplicate: true });
});

test("When a process claims again what it had claimed, then its lease starts again", async () => {
  await one.claim(["repeated"]);
  const expired = new Date(Date.now() - 1);
  await rows.set("repeated", { leased_until: expired });

  assert.deepEqual((await one.claim(["repeated"])).get("repeated"), print);
  assert.ok(Number((await rows.row("repeated"))?.leased_until) > Date.now() + 20_000);
});

test("When another process has taken over what a process had claimed, then it does not print it too", async () => {
  await one.claim(["slow"]);
  await rows.set("slow", { leased_until: new Date(Date.now() - 1) });

  assert.deepEqual((await other.claim(["slow"])).get("slow"), { decision: "print", possibleDuplicate: true });
  assert.equal((await one.claim(["slow"])).get("slow")?.decision, "wait");
});

test("When the answer to a taking over is lost, then the next claim still says that it may have been printed", async () => {
  await rows.leaveStarted("taken", new Date(Date.now() - 1));
  const claims = [await one.claim(["taken"]), await one.claim(["taken"])].map((found) => found.get("taken"));

  assert.deepEqual(claims, [
    { decision: "print", possibleDuplicate: true },
    { decision: "print", possibleDuplicate: true },
  ]);
});
