import assert from "node:assert/strict";
import { test } from "node:test";
import { Types } from "mongoose";
import { type Answer, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, get, insertRow, isStored, remove, rows, someone, stored } from "../../test/support/users.js";

const service = await startUserService();

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** The answers' statuses, each with how often it came. */
function statuses(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test("When twenty users are created with one email at once, then one is, and nineteen are conflicts", async () => {
  const { email } = someone();
  // In both cases, so that nothing but the stored form decides.
  const answers = await Promise.all(
    times(20, (i) => create(service, someone({ name: `Ada ${i}`, email: i % 2 ? email : email.toUpperCase() }))),
  );

  assert.deepEqual(statuses(answers), { 201: 1, 409: 19 });
  const winner = answers.find(({ status }) => status === 201);
  const found = await rows(service).find({ email }).toArray();
  const users = found.map(({ _id, name }) => ({ id: String(_id), name }));
  assert.deepEqual(users, [{ id: text(winner?.body, "id"), name: text(winner?.body, "name") }]);
});

test("When two users change to one email at once, then one gets it, and the other is a conflict", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { email } = someone();
    const ids = [await insertRow(service), await insertRow(service)];
    const answers = await Promise.all(ids.map((id) => change(service, id, { email, name: "Changed" })));

    assert.deepEqual(statuses(answers), { 200: 1, 409: 1 });
    const winner = ids[answers.findIndex(({ status }) => status === 200)];
    const found = await rows(service).find({ email }).toArray();
    const owners = found.map(({ _id }) => String(_id));
    assert.deepEqual(owners, [winner]);
  }
});

test("When different fields are changed at once, then none of the changes is lost", async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = await insertRow(service);
    const before = await stored(service, id);
    const { email } = someone();
    const changes = [{ name: `Round ${round}` }, { email }, { password: "another password" }];
    const answers = await Promise.all(changes.map((to) => change(service, id, to)));
    const after = await stored(service, id);

    assert.deepEqual(statuses(answers), { 200: 3 });
    assert.equal(after["name"], `Round ${round}`);
    assert.equal(after["email"], email);
    assert.notEqual(after["password_hash"], before["password_hash"]);
    assert.equal(after["__v"], 3);
  }
});

test("When one field is changed at once by several, then they come one after the other, each a version", async () => {
  const id = await insertRow(service);
  const answers = await Promise.all(times(8, (i) => change(service, id, { name: `Name ${i}` })));
  const tags = answers.map(({ headers }) => headers.get("ETag")).sort();

  assert.deepEqual(statuses(answers), { 200: 8 });
  const versions = times(8, (i) => `"${i + 1}"`);
  assert.deepEqual(tags, versions);
  const last = answers.find(({ headers }) => headers.get("ETag") === '"8"');
  assert.deepEqual((await get(service, id)).body, last?.body);
});

for (const [what, version] of [
  ["", { $set: { __v: 0 } }],
  [" of a user who was inserted without a version", { $unset: { __v: "" } }],
] as const)
  test(`When several changes${what} have the same If-Match, then one is applied, and the others are 412`, async () => {
    const id = await insertRow(service);
    await rows(service).updateOne({ _id: new Types.ObjectId(id) }, version);
    const answers = await Promise.all(
      times(10, (i) => change(service, id, { name: `Name ${i}` }, { "If-Match": '"0"' })),
    );

    assert.deepEqual(statuses(answers), { 200: 1, 412: 9 });
    const { name, __v } = await stored(service, id);
    assert.equal(name, text(answers.find(({ status }) => status === 200)?.body, "name"));
    assert.equal(__v, 1);
  });

test("When changes and a deletion have the same If-Match, then exactly one of them goes ahead", async () => {
  const tag = { "If-Match": '"0"' };
  // Many at once: whether the change falls between the deletion's reading and its writing is a matter of luck.
  const rivals = times(30, async () => {
    const id = await insertRow(service);
    const eve = () => change(service, id, { name: "Eve" }, tag);
    const answers = await Promise.all([eve(), remove(service, id, tag), eve()]);
    return { answers, isThere: await isStored(service, id) };
  });

  // Who comes after the deletion finds nobody; who comes after a change finds another version.
  for (const { answers, isThere } of await Promise.all(rivals))
    assert.deepEqual(statuses(answers), isThere ? { 200: 1, 412: 2 } : { 204: 1, 404: 2 });
});

test("When a user is deleted by several at once, then one has deleted it, and the others find nobody", async () => {
  const id = await insertRow(service);
  const answers = await Promise.all(times(10, () => remove(service, id)));

  assert.deepEqual(statuses(answers), { 204: 1, 404: 9 });
});

for (const { what, name } of [
  { what: "changed", name: "Eve" },
  { what: "changed to what it is", name: "Ada Lovelace" },
])
  test(`When a user is ${what} while it is deleted, then it is gone, and the changes are 200 or 404`, async () => {
    const ids = await Promise.all(times(10, () => insertRow(service)));
    const answers = await Promise.all(
      ids.flatMap((id) => [change(service, id, { name }), remove(service, id), change(service, id, { name })]),
    );

    const deletions = answers.filter((_, index) => index % 3 === 1);
    assert.deepEqual(statuses(deletions), { 204: 10 });
    for (const answer of answers) if (answer.status > 204) assertProblem(answer, 404);
    for (const id of ids) assert.equal(await isStored(service, id), false);
  });
