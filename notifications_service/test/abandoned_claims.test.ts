import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { TestInbox } from "../../test/support/inbox.js";
import { testDatabase } from "../../test/support/own_servers.js";
import { type ServiceProcess, startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { StuckPipe, startConsumerInto } from "../../test/support/stuck_pipe.js";

const start = (queue: TestQueue, inbox: TestInbox, settings = {}) =>
  startConsumer(queue, { ...inbox.settings, ...settings });

/** Node's options for a process whose clock is ahead, or behind. */
const clockAt = (hours: number) => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(`
    const System = globalThis.Date;
    globalThis.Date = class Date extends System {
      constructor(...args) { super(...(args.length > 0 ? args : [Date.now()])); }
      static now() { return System.now() + ${hours * 3_600_000}; }
    };`)}`,
});

/** Waits until the order's claim was renewed so many times: once a second. */
async function isRenewed(inbox: TestInbox, orderId: string, times: number): Promise<void> {
  const leases = new Set<number>();
  const renewed = async () => leases.add(Number((await inbox.row(orderId))?.leased_until)).size > times;
  await waitUntil(renewed, { what: `${times} renewals`, deadlineMs: 30_000 });
}

const possibleDuplicates = (...consumers: readonly ServiceProcess[]) =>
  consumers.flatMap((consumer) => consumer.logged("notified", { possible_duplicate: true }));

test("When consumers are killed between claim and line, then another prints their orders within seconds", async (t) => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const victims = await Promise.all(Array.from({ length: 5 }, () => startConsumerInto(pipe, queue, inbox)));
  await Promise.all(victims.map((victim) => victim.answers()));
  let orders = 0;
  const allHaveOne = async () => {
    await queue.order(`order_${orders++}`);
    return (await inbox.rows.distinct("owner")).length === victims.length;
  };
  await waitUntil(allHaveOne, { what: "each has claimed an order", deadlineMs: 20_000 });
  const survivor = await start(queue, inbox);
  await survivor.answers();
  await Promise.all(victims.map((victim) => victim.end("SIGKILL")));
  const killedAt = performance.now();
  const isPrinted = () => survivor.output.split("\n").length > orders;
  await waitUntil(isPrinted, { what: "all is printed", deadlineMs: 20_000 });
  const seconds = (performance.now() - killedAt) / 1_000;
  t.diagnostic(`all is printed ${seconds.toFixed(1)} s after the kill`);

  assert.equal(possibleDuplicates(survivor).length, victims.length);
  // Six are promised, on a machine that is not busy.
  assert.ok(seconds < 12, `${seconds} s`);
});

test("When a consumer waits for its reader, then nobody takes its claim, whatever the clocks, until it is killed", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const owner = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a");
  await inbox.becomes("a", "started");
  const others = await Promise.all([start(queue, inbox, clockAt(1)), start(queue, inbox, clockAt(-1))]);
  await Promise.all(others.map((other) => other.answers()));
  // The owner takes a third of them, and does not get that far.
  await queue.order("a", "a", "a");
  await isRenewed(inbox, "a", 7);
  const outputs = () => others.map(({ output }) => output).join("");
  assert.equal(outputs(), "");
  await owner.end("SIGKILL");
  await waitUntil(() => outputs() !== "", { what: "another prints it", deadlineMs: 20_000 });
  await inbox.becomes("a", "done");
  await Promise.all(others.map((other) => other.end()));

  assert.equal(outputs(), lines("a"));
  assert.equal(possibleDuplicates(...others).length, 1);
});

test("When an owner is frozen, then another announces and prints its order, and the owner goes on without a third line", async () => {
  const [queue, inbox, pipe] = [await TestQueue.create(), new TestInbox(), await StuckPipe.create()];
  const owner = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a");
  await inbox.becomes("a", "started");
  const other = await start(queue, inbox);
  await other.answers();
  owner.signal("SIGSTOP");
  await queue.order("a", "a");
  await other.prints(lines("a"));
  owner.signal("SIGCONT");
  pipe.read();
  await queue.order("b", "b");
  await inbox.becomes("b", "done");
  await Promise.all([owner.end(), other.end()]);

  const printed = (pipe.text + other.output).split("\n").sort();
  assert.deepEqual(printed, lines("a", "a", "b").split("\n").sort());
  assert.equal(possibleDuplicates(owner, other).length, 1);
});

test("When the database is frozen for ten seconds, then nobody takes a claim over whose owner lives", async () => {
  const database = await testDatabase();
  await database.start();
  const [queue, inbox, pipe] = [
    await TestQueue.create(),
    new TestInbox(new URL("/inbox", database.url).href),
    await StuckPipe.create(),
  ];
  const owner = await startConsumerInto(pipe, queue, inbox);
  await queue.order("a");
  await inbox.becomes("a", "started");
  const other = await start(queue, inbox);
  await other.answers();
  await queue.order("a", "a");
  await isRenewed(inbox, "a", 2);
  await database.freeze();
  // Each takes 2.5 s.
  await other.logs("mongodb did not answer", {}, 4);
  await database.thaw();
  await isRenewed(inbox, "a", 6);
  pipe.read();
  await inbox.becomes("a", "done");
  await Promise.all([owner.end(), other.end()]);

  assert.deepEqual([pipe.text, other.output], [lines("a"), ""]);
  assert.equal(possibleDuplicates(owner, other).length, 0);
});
