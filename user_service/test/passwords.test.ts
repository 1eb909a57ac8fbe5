import assert from "node:assert/strict";
import { test } from "node:test";
import bcrypt from "bcryptjs";
import { text } from "../../test/support/http.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, created, insertRow, someone, somePassword, stored } from "../../test/support/users.js";

const service = await startUserService();
const someUser = await insertRow(service);

const matches = async (id: string, password: string): Promise<boolean> =>
  bcrypt.compare(password, (await stored(service, id))["password_hash"]);

/** Passwords at the limits: 8 characters, 72 bytes of UTF-8. */
const passwords = [
  { what: "8 characters", password: "eight(8)" },
  { what: "8 spaces", password: " ".repeat(8) },
  { what: "8 emoji", password: "😀".repeat(8) },
  { what: "72 bytes, of one each", password: "x".repeat(72) },
  { what: "72 bytes, of two each", password: "é".repeat(36) },
  { what: "72 bytes, of three each", password: "愛".repeat(24) },
  { what: "72 bytes, of four each", password: "😀".repeat(18) },
];
for (const { what, password } of passwords)
  test(`When a password has ${what}, then its hash matches it to the last byte, of a new user and of a change`, async () => {
    const answer = await create(service, someone({ password }));
    const changed = await change(service, someUser, { password });

    assert.equal(answer.status, 201);
    assert.equal(changed.status, 200);
    const id = text(answer.body, "id");
    assert.ok(await matches(id, password));
    assert.equal(await matches(id, [...password].slice(0, -1).join("")), false);
    assert.ok(await matches(someUser, password));
  });

test("When a password has spaces around it, then they are a part of it", async () => {
  const id = await created(service, { password: " correct horse " });

  assert.ok(await matches(id, " correct horse "));
  assert.equal(await matches(id, "correct horse"), false);
});

test("When a password is typed with letters and accents apart, then it is hashed as if they were one", async () => {
  const id = await created(service, { password: "cafe\u0301 creme \uff11\uff12" });

  assert.ok(await matches(id, "caf\u00e9 creme 12"));
});

test("When a password is changed, then it is hashed again and nothing is left of the old hash", async () => {
  const id = await created(service);
  const before = await stored(service, id);
  const answer = await change(service, id, { password: "another password" });
  const after = await stored(service, id);

  assert.equal(answer.status, 200);
  assert.match(after["password_hash"], /^\$2b\$10\$.{53}$/);
  assert.equal(JSON.stringify(after).includes(before["password_hash"]), false);
  assert.ok(await matches(id, "another password"));
  assert.equal(await matches(id, somePassword), false);
});

test("When a user is changed to the password it has, then the hash is another, with another salt", async () => {
  const id = await created(service);
  const before = await stored(service, id);
  await change(service, id, { password: somePassword });

  assert.notEqual((await stored(service, id))["password_hash"], before["password_hash"]);
  assert.ok(await matches(id, somePassword));
});

test("When something else is changed, then the hash stays", async () => {
  const id = await created(service);
  const before = await stored(service, id);
  await change(service, id, { name: "Augusta", email: someone().email });

  assert.equal((await stored(service, id))["password_hash"], before["password_hash"]);
});
