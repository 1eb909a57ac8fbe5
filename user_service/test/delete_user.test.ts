import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, get, insertRow, isStored, remove, someone, stored } from "../../test/support/users.js";

const service = await startUserService();

test("When a user is deleted, then the answer is 204 without a body and the row is gone", async () => {
  const id = await insertRow(service);
  const answer = await remove(service, id);

  assert.equal(answer.status, 204);
  assert.equal(answer.body, undefined);
  assert.equal(answer.headers.get("Content-Type"), null);
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  assert.equal(await isStored(service, id), false);
});

test("When a user is gone, then deleting, reading and changing it are 404, and it is in no list", async () => {
  const id = await insertRow(service);
  await remove(service, id);

  assertProblem(await remove(service, id), 404);
  assertProblem(await get(service, id), 404);
  assertProblem(await change(service, id, { name: "Eve" }), 404);
  assert.equal(await isStored(service, id), false);
  const list = await call(`${service.url}/users?limit=100`);
  assert.equal(JSON.stringify(list.body).includes(id), false);
});

test("When a user is deleted, then another stays as it is", async () => {
  const [id, other] = [await insertRow(service), await insertRow(service)];
  const before = await stored(service, other);
  await remove(service, id);

  assert.deepEqual(await stored(service, other), before);
});

test("When a user is deleted, then its email is free for a new user, who has another id", async () => {
  const { email } = someone();
  const id = await insertRow(service, { email });
  await remove(service, id);
  const answer = await create(service, someone({ email }));

  assert.equal(answer.status, 201);
  assert.notEqual(member(answer.body, "id"), id);
});

test("When the path ends in a slash and the id is in capitals, then the user is deleted all the same", async () => {
  const id = await insertRow(service);
  const answer = await remove(service, `${id.toUpperCase()}/`);

  assert.equal(answer.status, 204);
  assert.equal(await isStored(service, id), false);
});
