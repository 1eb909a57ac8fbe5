import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCursor, encodeCursor, toPage } from "@order-flow/common/http/validation/page.js";

const ids = ["000000000000000000000000", "ffffffffffffffffffffffff", "6b0573dc49688ec594b1264b"];

for (const id of ids)
  test(`When the id ${id} becomes a cursor, then that has 16 characters fit for a query, and leads back`, () => {
    const cursor = encodeCursor(id);

    assert.match(cursor, /^[A-Za-z0-9_-]{16}$/);
    assert.equal(decodeCursor(cursor), id);
  });

test("When a cursor is whatever 16 characters, then it is an id all the same, and no error", () => {
  for (const cursor of ["AAAAAAAAAAAAAAAA", "________________", "----------------", "abcdefghijklmnop"])
    assert.match(decodeCursor(cursor), /^[0-9a-f]{24}$/);
});

const items = ids.map((id) => ({ id }));

test("When there are more items than the limit, then the page has the limit and a cursor of its last", () => {
  assert.deepEqual(toPage(items, 2), {
    data: items.slice(0, 2),
    next_cursor: encodeCursor("ffffffffffffffffffffffff"),
  });
});

test("When there are as many items as the limit, or fewer, or none, then the page is the last", () => {
  assert.deepEqual(toPage(items, 3), { data: items, next_cursor: null });
  assert.deepEqual(toPage(items, 100), { data: items, next_cursor: null });
  assert.deepEqual(toPage([], 1), { data: [], next_cursor: null });
});
