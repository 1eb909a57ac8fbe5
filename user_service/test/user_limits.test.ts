import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { type RunningService, startUserService } from "../../test/support/services.js";
import {
  assertChangeRefused,
  assertRefused,
  change,
  create,
  insertRow,
  someone,
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

const noNames = [
  { what: "empty", name: "" },
  { what: "nothing but spaces", name: " \u00a0\u3000" },
  { what: "101 characters", name: "x".repeat(101) },
  { what: "101 emoji", name: "😀".repeat(101) },
  { what: "one with marks of direction", name: "\u202bעדה\u202c \u2066Ada\u2069" },
  ...[0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85].map((code) => ({
    what: `one with the control character ${code}`,
    name: `Ada${String.fromCodePoint(code)}Lovelace`,
  })),
  { what: "one that ends in a line feed", name: "Ada\n" },
  { what: "one with a lone high surrogate", name: "Ada\ud83d" },
  { what: "one with a lone low surrogate", name: "\ude00Ada" },
];
for (const { what, name } of noNames)
  test(`When a name is ${what}, then it is refused, in a new user and in a change`, async () => {
    await assertRefused(service, someone({ name }), ["/name"]);
    await assertChangeRefused(service, someUser, { name }, ["/name"]);
  });

for (const value of ["null", "5", "true", '["Ada"]', "[]", "{}", '{"$gt":""}', '{"toString":"ada@example.com"}'])
  test(`When ${value} stands where a string belongs, then each field is refused for it`, async () => {
    const body = `{"name":${value},"email":${value},"password":${value}}`;

    await assertRefused(service, body, ["/name", "/email", "/password"]);
    await assertChangeRefused(service, someUser, body, ["/name", "/email", "/password"]);
  });

test("When a field is an array of a value that would do, then it is refused", async () => {
  const { email } = someone();

  await assertRefused(service, someone({ email: [email] }), ["/email"]);
  await assertRefused(service, someone({ password: ["correct horse battery"] }), ["/password"]);
});

const ofPrototypes = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
const ofRows = ["_id", "id", "__v", "password_hash", "created_at", "updated_at"];
const ofOperators = ["$set", "$where", "name.$ne", "email[0]"];

/** Spelled out, since `{ __proto__: 1 }` is no own member in JavaScript while it is one in JSON. */
const withMember = (name: string, user: object) => `{${JSON.stringify(name)}:{"a":1},${JSON.stringify(user).slice(1)}`;

for (const name of [...ofPrototypes, ...ofRows, ...ofOperators, "role", "Email", ""])
  test(`When there is the unknown member "${name}", then it is refused, in a new user and in a change`, async () => {
    await assertRefused(service, withMember(name, someone()), [`/${name}`]);
    await assertChangeRefused(service, someUser, withMember(name, { name: "Eve" }), [`/${name}`]);
  });

test("When all that is needed comes in __proto__, then nothing of it is taken", async () => {
  const body = `{"__proto__":${JSON.stringify(someone())}}`;

  await assertRefused(service, body, ["/__proto__", "/name", "/email", "/password"]);
  await assertChangeRefused(service, someUser, body, ["/__proto__"]);
});

test("When far more is wrong than can be listed, then twenty mistakes are", async () => {
  const members = Array.from({ length: 30 }, (_, index) => `unknown_${index}`);
  const body = Object.fromEntries(members.map((name) => [name, 1]));

  await assertRefused(
    service,
    body,
    members.slice(0, 20).map((name) => `/${name}`),
  );
});
