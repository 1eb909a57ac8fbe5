import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, created, get, insertRow, isStored, rows, someone, stored } from "../../test/support/users.js";

const service = await startUserService();
const someUser = await insertRow(service);

test("When a user is created, then the answer is 201 with the user, its place and its version", async () => {
  const before = Date.now();
  const user = someone();
  const answer = await create(service, user);

  assert.equal(answer.status, 201);
  const id = text(answer.body, "id");
  assert.match(id, /^[0-9a-f]{24}$/);
  assert.equal(answer.headers.get("Location"), `/users/${id}`);
  assert.equal(answer.headers.get("ETag"), '"0"');
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  const { created_at, updated_at, ...rest } = Object(answer.body);
  assert.deepEqual(rest, { id, name: user.name, email: user.email });
  assert.equal(new Date(created_at).toISOString(), created_at);
  assert.ok(Date.parse(created_at) >= before && Date.parse(created_at) <= Date.now());
  assert.equal(updated_at, created_at);
});

test("When a user is created, then its row holds it, with a bcrypt hash in the place of the password", async () => {
  const user = someone();
  const answer = await create(service, user);
  const id = text(answer.body, "id");
  const { _id, password_hash, created_at, updated_at, ...rest } = await stored(service, id);

  assert.equal(String(_id), id);
  assert.match(password_hash, /^\$2b\$10\$.{53}$/);
  assert.ok(created_at instanceof Date && updated_at instanceof Date);
  assert.equal(created_at.toISOString(), member(answer.body, "created_at"));
  assert.equal(updated_at.toISOString(), member(answer.body, "updated_at"));
  assert.deepEqual(rest, { name: user.name, email: user.email, __v: 0 });
});

test("When the path ends in a slash, then the user is created and found all the same", async () => {
  const answer = await call(`${service.url}/users/`, { method: "POST", json: someone() });
  const id = text(answer.body, "id");

  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("Location"), `/users/${id}`);
  assert.ok(await isStored(service, id));
  assert.equal((await get(service, `${id}/`)).status, 200);
});

test("When the Location of a user is followed, then there is the user, as it was answered", async () => {
  const answer = await create(service);
  const got = await call(`${service.url}${answer.headers.get("Location")}`);

  assert.equal(got.status, 200);
  assert.deepEqual(got.body, answer.body);
});

test("When a name has spaces around it, then they are gone in the answer and in the row", async () => {
  const answer = await create(service, someone({ name: " \u00a0Ada  Lovelace\u3000 " }));

  assert.equal(member(answer.body, "name"), "Ada  Lovelace");
  assert.equal((await stored(service, text(answer.body, "id")))["name"], "Ada  Lovelace");
});

test("When two users have the same name and password, then both are there, with different hashes", async () => {
  const ids = [await created(service), await created(service)];
  const [one, other] = await Promise.all(ids.map((id) => stored(service, id)));

  assert.equal(one?.["name"], other?.["name"]);
  assert.notEqual(one?.["password_hash"], other?.["password_hash"]);
});

test("When another unique index than that of emails refuses a user, then it is not told that the email is taken", async () => {
  const own = await startUserService();
  await rows(own).createIndex({ name: 1 }, { unique: true });

  assert.equal((await create(own, someone({ name: "Twin" }))).status, 201);
  assertProblem(await create(own, someone({ name: "Twin" })), 500);
});

/** Names at the limits, as they are kept. Lengths count code points: an emoji beyond the BMP is one. */
const names = [
  { what: "one character", name: "A" },
  { what: "100 characters", name: "x".repeat(100) },
  { what: "100 emoji", name: "😀".repeat(100) },
  { what: "100 letters of three bytes", name: "愛".repeat(100) },
  { what: "100 characters and spaces around them", name: ` ${"x".repeat(100)} ` },
  { what: "a joined emoji (zero-width joiners)", name: "👩\u200d👩\u200d👧" },
  { what: "letters and accents apart (NFD)", name: "Rene\u0301" },
  { what: "markup and operators", name: "<b>$where'; -- {{7*7}}" },
];
for (const { what, name } of names)
  test(`When a name is ${what}, then it is kept in the answer and in the row, of a new user and of a change`, async () => {
    const answer = await create(service, someone({ name }));
    const changed = await change(service, someUser, { name });

    assert.equal(answer.status, 201);
    assert.equal(changed.status, 200);
    for (const { body } of [answer, changed]) {
      assert.equal(member(body, "name"), name.trim());
      assert.equal((await stored(service, text(body, "id")))["name"], name.trim());
    }
  });
