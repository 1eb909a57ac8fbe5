import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Database } from "@order-flow/common/mongo/database.js";
import { createInboxModel } from "@order-flow/notifications_service/models/inbox_entry.js";
import { ClaimObserver } from "@order-flow/notifications_service/services/claim_observer.js";
import { MongoInbox } from "@order-flow/notifications_service/services/inbox.js";
import type { BSON } from "mongodb";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { FaultProxy } from "../../test/support/fault_proxy.js";
import { TestInbox } from "../../test/support/inbox.js";
import { quietLogger } from "../../test/support/recording_logger.js";
import { ReplicaSetProxy, type Request } from "../../test/support/replica_set_proxy.js";

const rows = new TestInbox();
const [one, other] = [await openInbox(), await openInbox()];

/** The inbox as one process has it. */
async function openInbox(uri = rows.uri): Promise<MongoInbox> {
  const database = new Database({ uri, defaultName: "unused", logger: quietLogger() });
  const inbox = new MongoInbox(createInboxModel(database.connection), database);
  database.start();
  afterAll(() => database.close());
  await waitUntil(() => database.probe(), { what: "the database is up", deadlineMs: 20_000 });
  return inbox;
}

test("When many orders are claimed together and some are known, then each has the claim that is right for it", async () => {
  await one.claim(["printed", "under way"]);
  await one.markPrinted(["printed"]);
  await rows.leaveStarted("left", new Date(Date.now() - 1));
  const claims = await other.claim(["new", "printed", "under way", "left", "newer"]);

  assert.deepEqual([...claims.keys()], ["new", "printed", "under way", "left", "newer"]);
  assert.deepEqual([claims.get("new"), claims.get("newer")], ["print", "print"]);
  assert.equal(claims.get("printed"), "skip");
  assert.equal(claims.get("under way"), "wait");
  assert.equal(claims.get("left"), "reprint");
});

test("When a process claims again what it had claimed, then its lease starts again", async () => {
  await one.claim(["repeated"]);
  const expired = new Date(Date.now() - 1);
  await rows.set("repeated", { leased_until: expired });

  assert.equal((await one.claim(["repeated"])).get("repeated"), "print");
  assert.ok(Number((await rows.row("repeated"))?.leased_until) > Date.now() + 20_000);
});

test("When a process can't renew its claim, then another takes it over, and it waits when it claims again", async () => {
  const { proxy, url } = await FaultProxy.inFrontOf(rows.uri);
  const cutOff = await openInbox(url);
  await cutOff.claim(["slow"]);
  proxy.mode = "swallow";
  let claim = (await other.claim(["slow"])).get("slow");
  assert.equal(claim, "wait");
  const isTakenOver = async () => {
    claim = (await other.claim(["slow"])).get("slow");
    return claim !== "wait";
  };
  await waitUntil(isTakenOver, { what: "the claim is taken over", deadlineMs: 10_000 });
  proxy.mode = "pass";
  proxy.reset();
  const claimAgain = () => cutOff.claim(["slow"]).catch(() => undefined);
  let again = await claimAgain();
  const isBack = async () => {
    again = await claimAgain();
    return again !== undefined;
  };
  await waitUntil(isBack, { what: "its database is back", deadlineMs: 20_000 });

  assert.equal(claim, "reprint");
  assert.equal(again?.get("slow"), "wait");
});

/** A database that takes a second for each command, and may fail the renewals of claims. */
class SlowDatabase extends ReplicaSetProxy {
  renews = true;
  renewals = 0;
  readonly uri = this.listen(rows.uri, {});

  protected async reply({ command, forward }: Request): Promise<BSON.Document> {
    if (!["insert", "find", "update"].some((name) => name in command)) return forward();
    const isRenewal = command["updates"]?.[0]?.multi === true;
    if (isRenewal) this.renewals += 1;
    if (isRenewal && !this.renews) return { ok: 0, code: 1, errmsg: "not now" };
    const reply = await forward();
    await sleep(1_000);
    return reply;
  }
}

test("When each call takes a second, then a claim that takes several calls is renewed meanwhile, and holds", async () => {
  const database = new SlowDatabase();
  const slow = await openInbox(await database.uri);
  await rows.leaveStarted("left for long", new Date(Date.now() - 1));

  assert.equal((await slow.claim(["left for long"])).get("left for long"), "reprint");
  assert.ok(database.renewals > 0);
});

test("When claiming takes longer than a claim holds, then the order has to be claimed again", async () => {
  const database = new SlowDatabase();
  const slow = await openInbox(await database.uri);
  await rows.leaveStarted("not renewed", new Date(Date.now() - 1));
  database.renews = false;
  await assert.rejects(slow.claim(["not renewed"]), /could not be renewed in time/);
  database.renews = true;
  await rows.set("not renewed", { state: "done" });

  assert.equal((await slow.claim(["not renewed"])).get("not renewed"), "skip");
});

test("When nobody renews a claim, then it counts as abandoned, until its owner claims again", async () => {
  const observer = new ClaimObserver();
  const rowOf = async () => {
    const row = await rows.row("silent");
    if (!row) throw new Error("no row");
    return { ...row, state: "started" as const };
  };
  await one.claim(["silent"]);
  await one.claim([]);
  const isAbandoned = async () => observer.observe(await rowOf()) === "abandoned";
  await waitUntil(isAbandoned, { what: "what nobody renews is abandoned", deadlineMs: 10_000 });
  await one.claim(["silent"]);
  assert.equal(await isAbandoned(), false);
});

test("When the answer to a taking over is lost, then the next claim still says that it may have been printed", async () => {
  await rows.leaveStarted("taken", new Date(Date.now() - 1));
  const claims = [await one.claim(["taken"]), await one.claim(["taken"])].map((found) => found.get("taken"));

  assert.deepEqual(claims, ["reprint", "reprint"]);
});
