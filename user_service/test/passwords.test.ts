import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import bcrypt from "bcryptjs";
import { text } from "../../test/support/http.js";
import { type RunningService, startUserService } from "../../test/support/services.js";
import {
  assertChangeRefused,
  assertRefused,
  change,
  create,
  created,
  insertRow,
  someone,
  somePassword,
  stored,
} from "../../test/support/users.js";

let service: RunningService;
/** Of changes. */
let someUser: string;

before(async () => {
  service = await startUserService();
  someUser = await insertRow(service);
});

after(async () => {
  await service.stop();
});

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

const noPasswords = [
  { what: "empty", password: "" },
  { what: "7 characters", password: "seven:7" },
  { what: "7 emoji, which are 28 bytes", password: "😀".repeat(7) },
  { what: "73 bytes, of one each", password: "x".repeat(73) },
  { what: "73 bytes, the last character of two", password: `${"x".repeat(71)}é` },
  { what: "75 bytes, of three each", password: "愛".repeat(25) },
  { what: "73 bytes, the last character of four", password: `${"x".repeat(69)}😀` },
  // bcrypt of the C kind would stop reading there.
  { what: "one with NUL", password: "correct\u0000horse battery" },
  { what: "one with a line feed", password: "correct horse\nbattery" },
  { what: "one with a lone surrogate", password: "correct horse \ud83d battery" },
];
for (const { what, password } of noPasswords)
  test(`When a password is ${what}, then it is refused, in a new user and in a change`, async () => {
    await assertRefused(service, someone({ password }), ["/password"]);
    await assertChangeRefused(service, someUser, { password }, ["/password"]);
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

test("When a password is too long only once it is normalised, then it is refused", () =>
  // One character of 3 bytes, of which NFKC makes 18 characters of 33 bytes.
  assertRefused(service, someone({ password: `12345678${"\ufdfa".repeat(2)}` }), ["/password"]));

test("When a password is changed, then it is hashed anew and nothing is left of the old hash", async () => {
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
