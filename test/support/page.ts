import assert from "node:assert/strict";
import { call, member, text } from "./http.js";

/** The ids on a page of a list, and the cursor of the next one. */
export async function pageOf(url: string): Promise<{ ids: string[]; next: string | null }> {
  const { status, body } = await call(url);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(Object(body)), ["data", "next_cursor"]);
  const data = member(body, "data");
  assert.ok(Array.isArray(data));
  return {
    ids: data.map((row) => text(row, "id")),
    next: member(body, "next_cursor") === null ? null : text(body, "next_cursor"),
  };
}
