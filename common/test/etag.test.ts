import assert from "node:assert/strict";
import { test } from "node:test";
import { versionTag } from "@order-flow/common/http/validation/etag.js";
import { call, member } from "../../test/support/http.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const { url } = await startFrame();

test("When a version is made a tag, then it is a strong one", () => {
  assert.equal(versionTag(0), '"0"');
  assert.equal(versionTag(12), '"12"');
});

/** An `If-Match`, and which of the versions 0, 1 and 10 it matches. */
const matching: readonly [string | undefined, number[]][] = [
  [undefined, [0, 1, 10]],
  ["*", [0, 1, 10]],
  [" * ", [0, 1, 10]],
  ['"1"', [1]],
  ['"0", "10"', [0, 10]],
  ['"7","10"', [10]],
  ['W/"1"', []],
  ["1", []],
  ['"01"', []],
  ['"*"', []],
  ["", []],
  [",", []],
];
for (const [header, versions] of matching)
  test(`When If-Match is ${header ?? "not sent"}, then it matches ${versions.join(", ") || "no version"}`, async () => {
    const answer = await call(`${url}/things/${thingId}`, {
      headers: header === undefined ? {} : { "If-Match": header },
    });

    assert.deepEqual(member(answer.body, "matches"), versions);
  });
