import assert from "node:assert/strict";
import { test } from "node:test";
import { Types } from "mongoose";
import { call, text } from "../../test/support/http.js";
import { newOrder, place, rows } from "../../test/support/orders.js";
import { pageOf } from "../../test/support/page.js";
import { startOrdersService } from "../../test/support/services.js";

const service = await startOrdersService();

/** Each test has a user of its own, and so a list of its own. */
const newUser = () => new Types.ObjectId().toHexString();

async function placeFor(user: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let placed = 0; placed < count; placed += 1)
    ids.push(text((await place(service, newOrder({ user_id: user }))).body, "id"));
  return ids;
}

const page = (query: string) => pageOf(`${service.url}/orders?${query}`);

test("When a shared collection has documents of others, then they are no orders", async () => {
  const user = newUser();
  const [id] = await placeFor(user, 1);
  const { _id, ...order } = (await rows(service).findOne({})) ?? assert.fail();
  const others = [
    { user_id: new Types.ObjectId(user) },
    { ...order, items: [null] },
    { ...order, items: "none" },
    { ...order, total_cents: "9.00" },
    { ...order, currency: null },
  ];
  const { insertedIds } = await rows(service).insertMany(others);

  assert.deepEqual(await page(`user_id=${user}`), { ids: [id], next: null });
  for (const foreign of Object.values(insertedIds))
    assert.equal((await call(`${service.url}/orders/${foreign}`)).status, 404);
  await rows(service).deleteMany({ _id: { $ne: _id } });
});

test("When a user has orders, then they are listed, newest first", async () => {
  const user = newUser();
  const ids = await placeFor(user, 3);

  assert.deepEqual(await page(`user_id=${user}`), { ids: ids.reverse(), next: null });
});

test("When an order is listed, then it looks as it does alone", async () => {
  const user = newUser();
  const [id] = await placeFor(user, 1);
  const alone = await call(`${service.url}/orders/${id}`);
  const list = await call(`${service.url}/orders?user_id=${user}`);

  // It may have been published in between.
  const [listed] = Object(list.body).data;
  assert.deepEqual({ ...listed, published_at: null }, { ...Object(alone.body), published_at: null });
});

test("When a user has no orders, then the list is empty and the answer 200", async () => {
  assert.deepEqual(await page(`user_id=${newUser()}`), { ids: [], next: null });
});

test("When two users have orders, then each list has its own, also with the id in capitals", async () => {
  const [one, other] = [newUser(), newUser()];
  const ids = await placeFor(one, 2);
  const others = await placeFor(other, 1);

  assert.deepEqual((await page(`user_id=${one.toUpperCase()}`)).ids, ids.reverse());
  assert.deepEqual((await page(`user_id=${other}`)).ids, others);
});

test("When no user is named, then the orders of all are listed", async () => {
  const [older] = await placeFor(newUser(), 1);
  const [newer] = await placeFor(newUser(), 1);

  assert.deepEqual((await page("limit=2")).ids, [newer, older]);
});

test("When the cursor is followed, then each order comes once, and the last page has no cursor", async () => {
  const user = newUser();
  const ids = (await placeFor(user, 5)).reverse();
  const first = await page(`user_id=${user}&limit=2`);
  const second = await page(`user_id=${user}&limit=2&cursor=${first.next}`);
  const third = await page(`user_id=${user}&limit=2&cursor=${second.next}`);

  assert.deepEqual([first.ids, second.ids, third.ids], [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  assert.equal(third.next, null);
});

test("When a page holds all that is left to the last place, then it has no cursor", async () => {
  const user = newUser();
  const ids = (await placeFor(user, 2)).reverse();

  assert.deepEqual(await page(`user_id=${user}&limit=2`), { ids, next: null });
});

test("When orders are placed between two pages, then the second is not moved by them", async () => {
  const user = newUser();
  const ids = (await placeFor(user, 4)).reverse();
  const first = await page(`user_id=${user}&limit=2`);
  await placeFor(user, 3);
  const second = await page(`user_id=${user}&limit=2&cursor=${first.next}`);

  assert.deepEqual(first.ids.concat(second.ids), ids);
});

test("When no limit is given, then a page has twenty orders; with 100 all come", async () => {
  const user = newUser();
  const ids = (await placeFor(user, 21)).reverse();
  const first = await page(`user_id=${user}`);

  assert.deepEqual(first.ids, ids.slice(0, 20));
  assert.deepEqual((await page(`user_id=${user}&cursor=${first.next}`)).ids, ids.slice(20));
  assert.deepEqual(await page(`user_id=${user}&limit=100`), { ids, next: null });
});
