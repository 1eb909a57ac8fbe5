import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, insertRow, rows, someone, stored } from "../../test/support/users.js";

const service = await startUserService();
const someUser = await insertRow(service);

/** What is sent, and what it is stored, returned and compared as. */
const cleaned = [
  { what: "spaces around it", sent: "  spaces@example.com\u00a0 ", kept: "spaces@example.com" },
  { what: "capitals", sent: "Capitals@EXAMPLE.Com", kept: "capitals@example.com" },
  { what: "capitals beyond ASCII", sent: "ÉTÉ@EXÄMPLE.com", kept: "été@exämple.com" },
  { what: "letters and accents apart (NFD)", sent: "rene\u0301@example.com", kept: "ren\u00e9@example.com" },
  { what: "a domain in its xn-- form", sent: "u@xn--mnchen-3ya.de", kept: "u@m\u00fcnchen.de" },
  { what: "a domain in letters of full width", sent: "u@\uff45x\uff41mple\u3002com", kept: "u@example.com" },
  { what: "a domain of emoji in its xn-- form", sent: "u@xn--53h.example.com", kept: "u@\u2615.example.com" },
  { what: "a Kelvin sign", sent: "\u212Aelvin@example.com", kept: "kelvin@example.com" },
  // There is no H̱ of one code point, but there is an ẖ: normalising first would leave it in two.
  { what: "a capital that composes in lower case alone", sent: "H\u0331@example.com", kept: "\u1e96@example.com" },
];

for (const { what, sent, kept } of cleaned) {
  test(`When an email has ${what}, then it is stored and returned without`, async () => {
    const answer = await create(service, someone({ email: sent }));

    assert.equal(answer.status, 201);
    assert.equal(member(answer.body, "email"), kept);
    assert.equal((await stored(service, text(answer.body, "id")))["email"], kept);
  });

  test(`When an email is taken, then it is also with ${what}: 409 to a new user and to a change`, async () => {
    await rows(service).deleteMany({ email: kept });
    await insertRow(service, { email: kept });
    const before = await rows(service).find().toArray();

    assertProblem(await create(service, someone({ email: sent })), 409);
    assertProblem(await change(service, someUser, { email: sent }), 409);
    assert.deepEqual(await rows(service).find().toArray(), before);
  });
}

test("When the domain that an xn-- form stands for has a joiner, then the email stays as it is", async () => {
  const answer = await create(service, someone({ email: "u@xn--mgba3gch31f060k.com" }));

  assert.equal(answer.status, 201);
  assert.equal(member(answer.body, "email"), "u@xn--mgba3gch31f060k.com");
});

test("When a user gets another email, then it is cleaned in the answer and in the row, and the old one is free", async () => {
  const { email } = someone();
  const id = await insertRow(service, { email });
  const answer = await change(service, id, { email: " New.Address@Example.COM " });

  assert.equal(answer.status, 200);
  assert.equal(member(answer.body, "email"), "new.address@example.com");
  assert.equal((await stored(service, id))["email"], "new.address@example.com");
  assert.equal((await create(service, someone({ email }))).status, 201);
});

test("When a user gets the email it has, in capitals, then that is no conflict", async () => {
  const { email } = someone();
  const id = await insertRow(service, { email });
  const answer = await change(service, id, { email: email.toUpperCase(), name: "Augusta" });

  assert.equal(answer.status, 200);
  assert.equal(member(answer.body, "email"), email);
  assert.equal((await stored(service, id))["name"], "Augusta");
});

test("When an email is refused as taken, then the problem says so and does not repeat it", async () => {
  const user = someone();
  await create(service, user);
  const answer = await create(service, user);

  assertProblem(answer, 409);
  assert.equal(member(answer.body, "detail"), "This email address is taken.");
  assert.equal(JSON.stringify(answer.body).includes(user.email), false);
});

test("When a change is refused for its email, then its other fields are not applied either", async () => {
  const { email } = someone();
  await insertRow(service, { email });
  const id = await insertRow(service);
  const before = await stored(service, id);
  const answer = await change(service, id, { name: "Eve", password: "another password", email });

  assertProblem(answer, 409);
  assert.deepEqual(await stored(service, id), before);
});

test("When an email has 254 characters, then it is taken", async () => {
  const longest = `${"x".repeat(64)}@${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(57)}.com`;
  const answer = await create(service, someone({ email: longest }));

  assert.equal(longest.length, 254);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal((await stored(service, text(answer.body, "id")))["email"], longest);
});
