import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, get, insertRow, someone, stored } from "../../test/support/users.js";

const service = await startUserService();

for (const field of ["name", "email", "password"] as const)
  test(`When only the ${field} of a user is changed, then all else stays, in the answer and in the row`, async () => {
    const id = await insertRow(service);
    const before = await stored(service, id);
    const { [field]: value } = someone({ name: "Augusta Ada King", password: "another password" });
    const answer = await change(service, id, { [field]: value });
    const after = await stored(service, id);

    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("ETag"), '"1"');
    const changed = field === "password" ? { password_hash: after["password_hash"] } : { [field]: value };
    assert.deepEqual(after, { ...before, ...changed, updated_at: after["updated_at"], __v: 1 });
    assert.notEqual(after["password_hash"] === before["password_hash"], field === "password");
    assert.ok(after["updated_at"] > before["updated_at"]);
  });

test("When all fields are changed at once, then the answer is the whole user, as it is then found", async () => {
  const id = await insertRow(service);
  const { created_at } = await stored(service, id);
  const user = someone({ name: " Augusta Ada King " });
  const answer = await change(service, id, user);

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  assert.deepEqual(answer.body, {
    id,
    name: "Augusta Ada King",
    email: user.email,
    created_at: created_at.toISOString(),
    updated_at: member(answer.body, "updated_at"),
  });
  assert.deepEqual((await get(service, id)).body, answer.body);
});

test("When a change leaves all as it is, then the row and the version stay", async () => {
  const id = await insertRow(service);
  const before = await stored(service, id);
  const answer = await change(service, id, { name: before["name"], email: before["email"] });

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ETag"), '"0"');
  assert.deepEqual(await stored(service, id), before);
});

test("When one user is changed, then another stays as it is", async () => {
  const [id, other] = [await insertRow(service), await insertRow(service)];
  const before = await stored(service, other);
  await change(service, id, someone({ name: "Eve" }));

  assert.deepEqual(await stored(service, other), before);
});

test("When the path ends in a slash and the id is in capitals, then the user is changed all the same", async () => {
  const id = await insertRow(service);
  const answer = await change(service, `${id.toUpperCase()}/`, { name: "Eve" });

  assert.equal(answer.status, 200);
  assert.equal(member(answer.body, "id"), id);
  assert.equal((await stored(service, id))["name"], "Eve");
});

test("When a change has no body, then the answer is 400, or 415 where it is not called JSON", async () => {
  const id = await insertRow(service);
  const before = await stored(service, id);

  assertProblem(await call(`${service.url}/users/${id}`, { method: "PUT" }), 415);
  assertProblem(await change(service, id, ""), 400);
  assert.deepEqual(await stored(service, id), before);
});

test("When a user is sent PATCH, then it is changed as by PUT, and If-Match holds", async () => {
  const id = await insertRow(service);
  const patch = (json: object, headers = {}) => call(`${service.url}/users/${id}`, { method: "PATCH", json, headers });
  const { status, body, headers } = await patch({ name: "Augusta" }, { "If-Match": '"0"' });

  assert.deepEqual([status, member(body, "name"), headers.get("ETag")], [200, "Augusta", '"1"']);
  assert.equal((await patch({ name: "Ada" }, { "If-Match": '"0"' })).status, 412);
  assert.equal((await patch({ role: "admin" })).status, 422);
  assert.equal(member((await get(service, id)).body, "name"), "Augusta");
});
