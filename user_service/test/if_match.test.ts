import assert from "node:assert/strict";
import { test } from "node:test";
import { Long } from "mongodb";
import { Types } from "mongoose";
import { member } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, get, insertRow, isStored, remove, rows, stored } from "../../test/support/users.js";

const service = await startUserService();

/** A user of version 1: it was changed once. */
async function changedOnce(): Promise<string> {
  const id = await insertRow(service);
  const answer = await change(service, id, { name: "Changed once" });
  assert.equal(answer.headers.get("ETag"), '"1"');
  return id;
}

for (const tags of ['"1"', "*", ' "1" ', '"0", "1"', '"0","1","2"', '"a, b", W/"7", "1"'])
  test(`When If-Match is ${tags}, then a change and a deletion go ahead`, async () => {
    const id = await changedOnce();
    const changed = await change(service, id, { name: "Eve" }, { "If-Match": tags });
    const other = await changedOnce();
    const deleted = await remove(service, other, { "If-Match": tags });

    assert.equal(changed.status, 200);
    assert.equal(changed.headers.get("ETag"), '"2"');
    assert.equal((await stored(service, id))["name"], "Eve");
    assert.equal(deleted.status, 204);
    assert.equal(await isStored(service, other), false);
  });

/** Stale, weak (the comparison is strong), or no entity tag at all. */
const others = ['"0"', '"2"', '"0", "2"', '"01"', '"1.0"', 'W/"1"', 'w/"1"', "1", '"1', "'1'", "", ",", '""', '*, "0"'];
for (const tags of others)
  test(`When If-Match is ${tags || "empty"}, then a change and a deletion are refused, and the row stays`, async () => {
    const id = await changedOnce();
    const before = await stored(service, id);
    const changed = await change(service, id, { name: "Eve" }, { "If-Match": tags });
    const deleted = await remove(service, id, { "If-Match": tags });

    for (const answer of [changed, deleted]) {
      assertProblem(answer, 412);
      assert.equal(member(answer.body, "detail"), "The user was changed since; get it again.");
    }
    assert.deepEqual(await stored(service, id), before);
  });

test("When the ETag of one change is sent with the next, then a chain of them goes ahead", async () => {
  const id = await insertRow(service);
  let tag = (await get(service, id)).headers.get("ETag") ?? "";
  for (const name of ["One", "Two", "Three"]) {
    const answer = await change(service, id, { name }, { "If-Match": tag });
    assert.equal(answer.status, 200);
    tag = answer.headers.get("ETag") ?? "";
  }

  assert.equal(tag, '"3"');
  assert.equal((await stored(service, id))["name"], "Three");
});

test("When a stale change would also be a conflict, then the answer is 412", async () => {
  const id = await changedOnce();
  const { email } = await stored(service, await insertRow(service));

  assertProblem(await change(service, id, { email }, { "If-Match": '"0"' }), 412);
});

test("When a change is stale and not valid, then the answer is 422: rules come before the state", async () => {
  const id = await changedOnce();

  assertProblem(await change(service, id, { name: "" }, { "If-Match": '"0"' }), 422);
});

test("When If-Match is sent for a user who is not there, then the answer is 404", async () => {
  const nobody = "0".repeat(24);

  assertProblem(await change(service, nobody, { name: "Eve" }, { "If-Match": "*" }), 404);
  assertProblem(await remove(service, nobody, { "If-Match": '"0"' }), 404);
});

test("When a stored document has a version that is no number, then it is no user, and no call hangs", async () => {
  for (const __v of ["1", "abc", null, {}, Number.NaN, -1, Long.MAX_VALUE]) {
    const id = await insertRow(service);
    await rows(service).updateOne({ _id: new Types.ObjectId(id) }, { $set: { __v } });
    for (const call of [get, remove]) assertProblem(await call(service, id), 404);
    assertProblem(await change(service, id, { name: "Grace" }), 404);
    assert.equal(await isStored(service, id), true);
  }
});

test("When a user was inserted by hand without a version, then that counts as 0", async () => {
  const id = await insertRow(service);
  await rows(service).updateOne({ _id: new Types.ObjectId(id) }, { $unset: { __v: "" } });
  assert.equal((await get(service, id)).headers.get("ETag"), '"0"');

  const changed = await change(service, id, { name: "Grace" }, { "If-Match": '"0"' });

  assert.deepEqual([changed.status, changed.headers.get("ETag")], [200, '"1"']);
  assert.equal((await remove(service, id, { "If-Match": '"1"' })).status, 204);
});
