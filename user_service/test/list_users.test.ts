import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { mongo, Types } from "mongoose";
import { call, text } from "../../test/support/http.js";
import { pageOf } from "../../test/support/page.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, get, insertRow, insertRows, remove, rows } from "../../test/support/users.js";

const { Decimal128, Long } = mongo;
const service = await startUserService();

beforeEach(async () => {
  await rows(service).deleteMany({});
});

/** Stores users and returns their ids, newest first. */
const newestFirst = async (count: number) => (await insertRows(service, count)).reverse();

const page = (query: string) => pageOf(`${service.url}/users?${query}`);

test("When there are no users, then the list is empty and the answer 200", async () => {
  assert.deepEqual(await page(""), { ids: [], next: null });
});

/** What makes a row another's, by what it has in place of a user's value. */
const notOfUsers: readonly object[] = [
  { name: 5 },
  { name: null },
  { email: 5 },
  { email: ["of@another.example"] },
  { created_at: "today" },
  { updated_at: 0 },
  ...["1", "abc", null, {}, Number.NaN, -1, 1.5, [1], 2 ** 53, Long.MAX_VALUE, new Decimal128("1")].map((__v) => ({
    __v,
  })),
];

for (const values of notOfUsers)
  test(`When a shared collection has a document of others, with ${inspect(values)}, then no call takes it for a user`, async () => {
    const [older] = await newestFirst(1);
    const [foreign = ""] = await newestFirst(1);
    const _id = new Types.ObjectId(foreign);
    await rows(service).updateOne({ _id }, { $set: values });
    const before = await rows(service).findOne({ _id });
    const [newer] = await newestFirst(1);
    const first = await page("limit=1");

    assert.deepEqual(first.ids, [newer]);
    assert.deepEqual(await page(`limit=1&cursor=${first.next}`), { ids: [older], next: null });
    assertProblem(await get(service, foreign), 404);
    assertProblem(await change(service, foreign, { name: "Mine" }), 404);
    assertProblem(await change(service, foreign, { password: "a password of mine" }), 404);
    assertProblem(await remove(service, foreign), 404);
    assert.deepEqual(await rows(service).findOne({ _id }), before);
  });

test("When a document of others lacks what a user has, then no call takes it for a user", async () => {
  const [id] = await newestFirst(1);
  const times = { created_at: new Date(), updated_at: new Date() };
  for (const other of [
    { ...times, name: "of another" },
    { ...times, email: "a@b.example" },
    { name: "n", email: "c@d.e" },
  ]) {
    const { insertedId } = await rows(service).insertOne(other);

    assert.deepEqual(await page(""), { ids: [id], next: null });
    assertProblem(await get(service, `${insertedId}`), 404);
    assertProblem(await change(service, `${insertedId}`, { name: "Mine" }), 404);
    assertProblem(await remove(service, `${insertedId}`), 404);
  }
});

test("When users are created one after the other, then they are listed, newest first", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.unshift(text((await create(service)).body, "id"));

  assert.deepEqual(await page(""), { ids, next: null });
});

test("When a user is listed, then it looks as it does alone, and no cache may keep it", async () => {
  const id = await insertRow(service);
  const answer = await call(`${service.url}/users/`);

  assert.deepEqual(answer.body, { data: [(await get(service, id)).body], next_cursor: null });
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  assert.equal(answer.headers.get("ETag"), null);
});

test("When the cursor is followed, then each user comes once, and the last page has no cursor", async () => {
  const ids = await newestFirst(5);
  const first = await page("limit=2");
  const second = await page(`limit=2&cursor=${first.next}`);
  const third = await page(`limit=2&cursor=${second.next}`);

  assert.deepEqual([first.ids, second.ids, third.ids], [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  assert.equal(third.next, null);
});

test("When a page holds all that is left to the last place, then it has no cursor", async () => {
  const ids = await newestFirst(2);

  assert.deepEqual(await page("limit=2"), { ids, next: null });
});

test("When users are created between two pages, then the second is not moved by them", async () => {
  const ids = await newestFirst(4);
  const first = await page("limit=2");
  await insertRows(service, 3);
  const second = await page(`limit=2&cursor=${first.next}`);

  assert.deepEqual(first.ids.concat(second.ids), ids);
  assert.equal(second.next, null);
});

test("When the user that a page ended with is deleted, then its cursor leads on all the same", async () => {
  const ids = await newestFirst(4);
  const first = await page("limit=2");
  await remove(service, ids[1] ?? "");

  assert.deepEqual(await page(`limit=2&cursor=${first.next}`), { ids: ids.slice(2), next: null });
});

test("When no limit is given, then a page has twenty users", async () => {
  const ids = await newestFirst(21);
  const first = await page("");

  assert.deepEqual(first.ids, ids.slice(0, 20));
  assert.deepEqual(await page(`cursor=${first.next}`), { ids: ids.slice(20), next: null });
});

test("When the limit is 1 or 100, then a page has that many", async () => {
  const ids = await newestFirst(101);

  assert.deepEqual((await page("limit=1")).ids, ids.slice(0, 1));
  const first = await page("limit=100");
  assert.deepEqual(first.ids, ids.slice(0, 100));
  assert.deepEqual(await page(`limit=100&cursor=${first.next}`), { ids: ids.slice(100), next: null });
});

test("When the list is sorted, then by when users were created and not by when they were changed", async () => {
  const ids = await newestFirst(3);
  await call(`${service.url}/users/${ids[2]}`, { method: "PUT", json: { name: "Eve" } });

  assert.deepEqual((await page("")).ids, ids);
});

test("When users are listed by an email, then the one who has it is, however it is written", async () => {
  const id = await insertRow(service, { email: "u@m\u00fcnchen.de" });
  await insertRow(service);
  for (const email of ["u@m\u00fcnchen.de", " U@XN--MNCHEN-3YA.DE "])
    assert.deepEqual(await page(new URLSearchParams({ email }).toString()), { ids: [id], next: null });
  assert.deepEqual(await page("email=nobody@example.com"), { ids: [], next: null });
});
