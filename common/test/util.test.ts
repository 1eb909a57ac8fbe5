import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { backoffDelayMs } from "@order-flow/common/util/backoff.js";
import { retry } from "@order-flow/common/util/retry.js";
import { TimeoutError, withTimeout } from "@order-flow/common/util/timeout.js";
import { waitUntil } from "../../scripts/runtime/wait.js";

const delays = (attempt: number): readonly number[] =>
  Array.from({ length: 500 }, () => backoffDelayMs(attempt, { baseMs: 100, maxMs: 2_000 }));

const ceilings: readonly [number, number][] = [
  [1, 100],
  [2, 200],
  [3, 400],
  [5, 1_600],
  [6, 2_000],
  [100, 2_000],
  [10_000, 2_000],
];
for (const [attempt, ceiling] of ceilings)
  test(`When ${attempt} attempts have failed, then the delay is between ${ceiling / 2} and ${ceiling} ms`, () => {
    const found = delays(attempt);

    assert.ok(Math.min(...found) >= ceiling / 2 && Math.max(...found) <= ceiling);
    assert.ok(Math.min(...found) < ceiling * 0.6 && Math.max(...found) > ceiling * 0.9, "it is spread over that");
  });

test("When work ends in time, then withTimeout gives what it gives, and keeps no timer", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();

  assert.equal(await withTimeout(Promise.resolve(42), 60_000, "the work"), 42);
  await assert.rejects(withTimeout(Promise.reject(new Error("no")), 60_000, "the work"), { message: "no" });
  assert.equal(timers(), before);
});

test("When work takes too long, then withTimeout says what, and how long", async () => {
  const never = new Promise(() => {});

  await assert.rejects(withTimeout(never, 10, "the work"), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, "the work took longer than 10 ms");
    return true;
  });
});

test("When work fails after its time, then that is ignored", async () => {
  let fail: (error: Error) => void = () => {};
  const work = new Promise((_resolve, reject) => {
    fail = reject;
  });
  await assert.rejects(withTimeout(work, 5, "the work"), TimeoutError);

  // An unhandled rejection would fail this file.
  fail(new Error("too late"));
  await new Promise(setImmediate);
});

/** Work that fails as often as given, and the errors that were reported. */
function failing(times: number) {
  const seen = { tries: 0, errors: [] as unknown[] };
  const work = async () => {
    seen.tries += 1;
    if (seen.tries <= times) throw new Error(`failure ${seen.tries}`);
    return "done";
  };
  return { seen, work, onFirstError: (error: unknown) => seen.errors.push(error) };
}

test("When work succeeds, then retry does it once and reports no error", async () => {
  const { seen, work, onFirstError } = failing(0);

  assert.equal(await retry(work, { signal: new AbortController().signal, onFirstError }), "done");
  assert.deepEqual(seen, { tries: 1, errors: [] });
});

test("When work fails at first, then retry repeats it until it succeeds, and reports the first error alone", async () => {
  const { seen, work, onFirstError } = failing(3);
  const { signal } = new AbortController();

  assert.equal(await retry(work, { signal, onFirstError }), "done");
  assert.equal(seen.tries, 4);
  assert.deepEqual(seen.errors.map(String), ["Error: failure 1"]);
  assert.equal(getEventListeners(signal, "abort").length, 0, "nothing is left on the signal");
});

test("When retry is stopped while it waits, then it tries once more and throws what that threw", async () => {
  const { seen, work, onFirstError } = failing(Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const retrying = retry(work, { signal: stop.signal, onFirstError });
  await waitUntil(() => seen.tries === 4, { what: "it has tried four times", deadlineMs: 10_000 });
  stop.abort();

  await assert.rejects(retrying, { message: "failure 5" });
});

test("When retry is stopped from the start, then it tries once all the same", async () => {
  const { seen, work, onFirstError } = failing(Number.POSITIVE_INFINITY);

  await assert.rejects(retry(work, { signal: AbortSignal.abort(), onFirstError }), { message: "failure 1" });
  assert.equal(seen.tries, 1);
});
