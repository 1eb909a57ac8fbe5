import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCursor, encodeCursor, pageLimits, toPage } from "@order-flow/common/http/validation/page.js";
import { parseJson, RepeatedNameError } from "@order-flow/common/text/json.js";
import fc from "fast-check";

const someId = fc.stringMatching(/^[0-9a-f]{24}$/);

test("When an id is made a cursor, then it looks like one and leads back to the id, and only to that", () => {
  fc.assert(
    fc.property(someId, someId, (id, other) => {
      assert.match(encodeCursor(id), new RegExp(pageLimits.cursorPattern));
      assert.equal(decodeCursor(encodeCursor(id)), id);
      assert.equal(encodeCursor(id) === encodeCursor(other), id === other);
    }),
  );
});

test("When a text looks like a cursor, then it leads to an id, and that back to the text", () => {
  fc.assert(
    fc.property(fc.stringMatching(new RegExp(pageLimits.cursorPattern)), (cursor) => {
      assert.match(decodeCursor(cursor), /^[0-9a-f]{24}$/);
      assert.equal(encodeCursor(decodeCursor(cursor)), cursor);
    }),
  );
});

test("When a list is read by pages of any size, then each item comes once, in order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(someId, { maxLength: 50 }), fc.integer({ min: 1, max: 60 }), (ids, limit) => {
      const list = ids.sort().reverse();
      const read: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const behind = list.filter((id) => !cursor || id < decodeCursor(cursor));
        const page = toPage(
          behind.slice(0, limit + 1).map((id) => ({ id })),
          limit,
        );
        read.push(...page.data.map(({ id }) => id));
        assert.ok(page.data.length <= limit && (page.data.length > 0 || list.length === 0));
        cursor = page.next_cursor;
      }

      assert.deepEqual(read, list);
    }),
  );
});

test("When JSON names no member twice, then it is parsed as by JSON.parse", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, space) => {
      const text = JSON.stringify(value, null, space);

      assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
  );
});

test("When JSON names a member twice, however deep and whatever else is in it, then it is refused", () => {
  const key = fc.string({ unit: "binary" });
  const members = fc.dictionary(key, fc.jsonValue());
  fc.assert(
    fc.property(members, key, fc.jsonValue(), fc.jsonValue(), fc.nat(5), (others, name, one, other, depth) => {
      const rest = Object.entries(others).filter(([known]) => known !== name);
      const all = [[name, one], ...rest, [name, other]];
      const object = all.map(([known, value]) => `${JSON.stringify(known)}:${JSON.stringify(value)}`).join(",");
      const text = `${'[{"a:":'.repeat(depth)}{${object}}${"}]".repeat(depth)}`;

      assert.throws(() => parseJson(text), RepeatedNameError);
    }),
  );
});
