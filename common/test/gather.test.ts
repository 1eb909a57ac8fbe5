import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "@order-flow/common/mongo/gather.js";
import { TimeoutError } from "@order-flow/common/util/timeout.js";
import { waitUntil } from "../../scripts/runtime/wait.js";

/** A `write` that waits until it is let go on. */
function heldWrite() {
  const calls: (readonly number[])[] = [];
  const release: (() => void)[] = [];
  const write = (items: readonly number[]) => {
    calls.push(items);
    return new Promise<void>((resolve) => release.push(resolve));
  };
  return { calls, write, goOn: () => release.shift()?.() };
}

test("When items come at once, then one call has them all, in order", async () => {
  const calls: (readonly number[])[] = [];
  const add = gather(async (items: readonly number[]) => {
    calls.push(items);
  });
  await Promise.all([add(1), add(2), add(3)]);

  assert.deepEqual(calls, [[1, 2, 3]]);
});

test("When items come during a call, then the next call has them, and the first is not held up by it", async () => {
  const { calls, write, goOn } = heldWrite();
  const add = gather(write);
  const first = add(1);
  await Promise.resolve();
  const later = Promise.all([add(2), add(3)]);
  assert.deepEqual(calls, [[1]]);
  goOn();
  await first;
  await waitUntil(() => calls.length === 2, { what: "the second call", deadlineMs: 1_000 });
  assert.deepEqual(calls[1], [2, 3]);
  goOn();
  await later;
});

test("When a call fails, then those who gave its items are told, and the next items are written", async () => {
  const add = gather(async (items: readonly number[]) => {
    if (items.includes(1)) throw new Error("no");
  });
  const failed = await Promise.allSettled([add(1), add(2)]);
  await add(3);

  assert.deepEqual(
    failed.map(({ status }) => status),
    ["rejected", "rejected"],
  );
});

test("When a call never ends, then those who gave its items are told in time, and the next items are written", async () => {
  const add = gather(async (items: readonly number[]) => {
    if (items.includes(1)) await new Promise(() => {});
  });
  const [stuck, next] = [add(1), Promise.resolve().then(() => add(2))];

  await assert.rejects(stuck, TimeoutError);
  await next;
});
