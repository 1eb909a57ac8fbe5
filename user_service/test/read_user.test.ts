import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member, text } from "../../test/support/http.js";
import { assertProblem, mistakenFields } from "../../test/support/problem.js";
import { head, sendRaw } from "../../test/support/raw_http.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, created, get, rows, stored } from "../../test/support/users.js";

const service = await startUserService();

test("When a user is asked for, then the answer is the user with its version, kept out of every cache", async () => {
  const answer = await create(service);
  const got = await get(service, text(answer.body, "id"));

  assert.equal(got.status, 200);
  assert.equal(got.headers.get("ETag"), answer.headers.get("ETag"));
  assert.equal(got.headers.get("Cache-Control"), "no-store");
  assert.deepEqual(got.body, answer.body);
});

test("When a user was changed, then it comes with the new values and the new version", async () => {
  const id = await created(service);
  const changed = await change(service, id, { name: "Augusta Ada King" });
  const got = await get(service, id);

  assert.equal(got.headers.get("ETag"), '"1"');
  assert.equal(got.headers.get("ETag"), changed.headers.get("ETag"));
  assert.deepEqual(got.body, changed.body);
  assert.equal(member(got.body, "name"), "Augusta Ada King");
});

test("When a client has the version that is stored, then it gets that told, and else the user", async () => {
  const id = await created(service);
  // Not by fetch: it adds Cache-Control: no-cache, by which a client wants the user in any case.
  const ask = (tag: string) =>
    sendRaw(service.url, head(`GET /users/${id} HTTP/1.1`, "Host: a", `If-None-Match: ${tag}`));
  const [same, other] = [await ask('"0"'), await ask('"1"')];

  assert.deepEqual([same.status, same.text, same.headers.get("ETag")], [304, "", '"0"']);
  assert.equal(same.headers.get("Cache-Control"), "no-store");
  assert.deepEqual([other.status, member(other.body, "id")], [200, id]);
});

test("When the id is written in capitals, then the user is found", async () => {
  const id = await created(service);
  const got = await get(service, id.toUpperCase());

  assert.equal(got.status, 200);
  assert.equal(text(got.body, "id"), id);
});

test("When a user is asked for with HEAD, then the headers come without a body", async () => {
  const id = await created(service);
  const answer = await call(`${service.url}/users/${id}`, { method: "HEAD" });

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ETag"), '"0"');
  assert.equal(answer.body, undefined);
});

test("When the row of a user has more than is public, then no answer shows it", async () => {
  const id = await created(service);
  await rows(service).updateOne({ _id: (await stored(service, id))._id }, { $set: { role: "admin" } });
  const got = await get(service, id);
  const list = await call(`${service.url}/users?limit=1`);

  const members = ["created_at", "email", "id", "name", "updated_at"];
  assert.deepEqual(Object.keys(Object(got.body)).sort(), members);
  assert.deepEqual(Object(list.body).data, [got.body]);
});

/** Every call on one user. */
const calls: readonly { what: string; method: string; json?: object }[] = [
  { what: "GET", method: "GET" },
  { what: "PUT of a name", method: "PUT", json: { name: "Nobody" } },
  { what: "PUT of a password", method: "PUT", json: { password: "a password of nobody" } },
  { what: "DELETE", method: "DELETE" },
];

for (const { what, ...request } of calls)
  test(`When ${what} is for an id that nobody has, then the answer is 404`, async () => {
    const before = await rows(service).countDocuments();
    const answer = await call(`${service.url}/users/${"0".repeat(24)}`, request);

    assertProblem(answer, 404);
    assert.equal(member(answer.body, "detail"), "No such user.");
    assert.equal(member(answer.body, "instance"), `/users/${"0".repeat(24)}`);
    assert.equal(await rows(service).countDocuments(), before);
  });

for (const id of [
  "x",
  "a".repeat(23),
  "a".repeat(25),
  "g".repeat(24),
  "%24ne",
  "__proto__",
  "a".repeat(24).concat("%0A"),
])
  test(`When a user is asked for, changed or deleted as ${id}, then that is no id: 422`, async () => {
    for (const request of calls) {
      const answer = await call(`${service.url}/users/${id}`, request);

      assertProblem(answer, 422);
      assert.deepEqual(mistakenFields(answer.body), ["id"]);
    }
  });

test("When both the id and the change are wrong, then both are named", async () => {
  const answer = await change(service, "x", { name: "", role: "admin" });

  assertProblem(answer, 422);
  assert.deepEqual(mistakenFields(answer.body).sort(), ["/name", "/role", "id"]);
});

for (const method of ["GET", "PUT", "DELETE"])
  test(`When ${method} has a query parameter, then the call is refused for it`, async () => {
    const id = await created(service);
    const answer = await call(`${service.url}/users/${id}?fields=password_hash`, {
      method,
      json: method === "PUT" ? { name: "Eve" } : undefined,
    });

    assertProblem(answer, 422);
    assert.deepEqual(mistakenFields(answer.body), ["fields"]);
    assert.equal((await stored(service, id))["name"], "Ada Lovelace");
  });

for (const [path, method, allowed] of [
  ["", "PUT", "GET, HEAD, POST"],
  ["", "DELETE", "GET, HEAD, POST"],
  ["/id", "POST", "DELETE, GET, HEAD, PATCH, PUT"],
  ["/id", "PROPFIND", "DELETE, GET, HEAD, PATCH, PUT"],
] as const)
  test(`When ${method} is sent to /users${path}, then the answer is 405 with what is allowed`, async () => {
    const id = await created(service);
    const url = `${service.url}/users${path.replace("id", id)}`;
    const answer = await call(url, { method, json: { name: "Eve" } });

    assertProblem(answer, 405);
    assert.equal(answer.headers.get("Allow"), allowed);
    assert.equal((await stored(service, id))["name"], "Ada Lovelace");
  });
