import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "../../test/support/http.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, insertRow, someone, stored } from "../../test/support/users.js";

const service = await startUserService();
const someUser = await insertRow(service);

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
