import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { backoff } from "@order-flow/common/time/backoff.js";
import { DeadlineError, within } from "@order-flow/common/time/deadline.js";
import { persist } from "@order-flow/common/time/persist.js";
import { waitUntil } from "../../scripts/runtime/wait.js";

const waits = (failures: number): readonly number[] => Array.from({ length: 500 }, () => backoff(failures, 100, 2_000));

const ceilings: readonly [number, number][] = [
  [1, 100],
  [2, 200],
  [3, 400],
  [5, 1_600],
  [6, 2_000],
  [100, 2_000],
  [10_000, 2_000],
];
for (const [failures, ceiling] of ceilings)
  test(`When it has failed ${failures} times, then the wait is between ${ceiling / 2} and ${ceiling} ms`, () => {
    const found = waits(failures);

    assert.ok(Math.min(...found) >= ceiling / 2 && Math.max(...found) <= ceiling);
    assert.ok(Math.min(...found) < ceiling * 0.6 && Math.max(...found) > ceiling * 0.9, "it is spread over that");
  });

test("When work ends in time, then within gives what it gives, and keeps no timer", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();

  assert.equal(await within(60_000, "the work", Promise.resolve(42)), 42);
  await assert.rejects(within(60_000, "the work", Promise.reject(new Error("no"))), { message: "no" });
  assert.equal(timers(), before);
});

test("When work takes too long, then within says what, and how long", async () => {
  const never = new Promise(() => {});

  await assert.rejects(within(10, "the work", never), (error) => {
    assert.ok(error instanceof DeadlineError);
    assert.equal(error.message, "the work took longer than 10 ms");
    return true;
  });
});

test("When work fails after its time, then nobody is told", async () => {
  let fail: (error: Error) => void = () => {};
  const work = new Promise((_resolve, reject) => {
    fail = reject;
  });
  await assert.rejects(within(5, "the work", work), DeadlineError);

  // An unhandled rejection would fail this file.
  fail(new Error("too late"));
  await new Promise(setImmediate);
});

/** Work that fails so often, and what was told of it. */
function failing(times: number) {
  const seen = { tries: 0, troubles: [] as unknown[] };
  const work = async () => {
    seen.tries += 1;
    if (seen.tries <= times) throw new Error(`failure ${seen.tries}`);
    return "done";
  };
  return { seen, work, onTrouble: (error: unknown) => seen.troubles.push(error) };
}

test("When work succeeds, then persist does it once and tells of no trouble", async () => {
  const { seen, work, onTrouble } = failing(0);

  assert.equal(await persist(work, { signal: new AbortController().signal, onTrouble }), "done");
  assert.deepEqual(seen, { tries: 1, troubles: [] });
});

test("When work fails at first, then persist tries again until it succeeds, and tells of the first failure alone", async () => {
  const { seen, work, onTrouble } = failing(3);
  const { signal } = new AbortController();

  assert.equal(await persist(work, { signal, onTrouble }), "done");
  assert.equal(seen.tries, 4);
  assert.deepEqual(seen.troubles.map(String), ["Error: failure 1"]);
  assert.equal(getEventListeners(signal, "abort").length, 0, "nothing is left on the signal");
});

test("When persist is stopped while it waits, then it tries once more and throws what that threw, at once", async () => {
  const { seen, work, onTrouble } = failing(Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const persisting = persist(work, { signal: stop.signal, onTrouble });
  // Behind its fourth failure it waits for 400 ms at least.
  await waitUntil(() => seen.tries === 4, { what: "it has tried four times", deadlineMs: 10_000 });
  const stopped = performance.now();
  stop.abort();

  await assert.rejects(persisting, { message: "failure 5" });
  assert.ok(performance.now() - stopped < 300);
});

test("When persist is stopped from the start, then it tries once all the same", async () => {
  const { seen, work, onTrouble } = failing(Number.POSITIVE_INFINITY);

  await assert.rejects(persist(work, { signal: AbortSignal.abort(), onTrouble }), { message: "failure 1" });
  assert.equal(seen.tries, 1);
});
