import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchSize } from "@order-flow/orders_service/services/batch_size.js";

/** The sizes of the next batches, where each comes through or not. */
function sizes(...outcomes: readonly boolean[]): readonly number[] {
  const size = new BatchSize();
  return outcomes.map((cameThrough) => {
    size.adapt(cameThrough);
    return size.now;
  });
}

test("When batches don't come through, then they get smaller, down to ten", () => {
  assert.deepEqual(sizes(false, false, false, false), [50, 12, 10, 10]);
});

test("When batches come through again, then they grow to what they were, and no further", () => {
  assert.deepEqual(sizes(false, false, true, true, true, true, true, true), [50, 12, 24, 48, 96, 192, 200, 200]);
});
