import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { writeTogether } from "@order-flow/common/messaging/write_together.js";

/** A stream that notes what it is to send, call by call. */
function heldTogether() {
  const calls: string[][] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      calls.push([chunk]);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => chunk));
      done();
    },
  });
  writeTogether(stream);
  return { calls, stream };
}

test("When there are several writes in a turn, then they are sent at its end, in order, with one call", async () => {
  const { calls, stream } = heldTogether();
  for (const text of ["a", "b", "c"]) stream.write(text);
  await nextTurn();
  stream.write("d");
  await nextTurn();

  assert.deepEqual(calls, [["a", "b", "c"], ["d"]]);
});

test("When the stream is ended in the turn of a write, then that is sent before the end", async () => {
  const { calls, stream } = heldTogether();
  stream.write("a");
  stream.end("b");
  await nextTurn();

  assert.deepEqual(calls.flat(), ["a", "b"]);
  assert.ok(stream.writableFinished);
});

test("When more is written than the stream takes, then the writer is told so, and told when there is room", async () => {
  const { stream } = heldTogether();
  let drained = false;
  stream.on("drain", () => {
    drained = true;
  });

  assert.equal(stream.write("x".repeat(stream.writableHighWaterMark)), false);
  await nextTurn();
  assert.ok(drained);
});
