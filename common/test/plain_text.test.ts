import assert from "node:assert/strict";
import { test } from "node:test";
import { codePoints, isPlainText } from "@order-flow/common/text/plain_text.js";

test("When the length of a text is asked for, then code points are counted, as JSON Schema does", () => {
  assert.deepEqual(["", "abc", "é", "e\u0301", "😀", "👩‍👩‍👧"].map(codePoints), [0, 3, 1, 2, 1, 5]);
});

for (const text of ["", "Ada", "Ø 李 😀", "O'Brien; DROP TABLE", "a\u00a0b", "a\u200db", "<b>", "\u{10ffff}"])
  test(`When a text is ${JSON.stringify(text)}, then it is plain`, () => {
    assert.equal(isPlainText(text), true);
  });

for (const text of ["\0", "a\nb", "\t", "\u001b[0m", "\u007f", "\u0085", "\u009f", "\ud800", "a\udc00", "\ud83dx"])
  test(`When a text is ${JSON.stringify(text)}, then it is not: a control character or half a pair`, () => {
    assert.equal(isPlainText(text), false);
  });
