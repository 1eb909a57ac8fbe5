import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Types } from "mongoose";
import { call, member, text } from "../../test/support/http.js";
import { type RunningService, startUserService } from "../../test/support/services.js";

let service: RunningService;
let number = 0;

before(async () => {
  service = await startUserService();
});

after(async () => {
  await service.stop();
});

const someone = () => ({
  name: "Ada Lovelace",
  email: `ada${++number}@example.com`,
  password: "correct horse battery",
});

const create = (user: object) => call(`${service.url}/users`, { method: "POST", json: user });

const stored = (id: string) => service.database.connection.collection("users").findOne({ _id: new Types.ObjectId(id) });

test("When a user is created, then the answer is 201 with the user, its place and its version", async () => {
  const user = someone();
  const answer = await create(user);

  assert.equal(answer.status, 201);
  const id = text(answer.body, "id");
  assert.match(id, /^[0-9a-f]{24}$/);
  assert.equal(answer.headers.get("Location"), `/users/${id}`);
  assert.equal(answer.headers.get("ETag"), '"0"');
  assert.deepEqual(Object.keys(Object(answer.body)).sort(), ["created_at", "email", "id", "name", "updated_at"]);
  assert.equal(member(answer.body, "email"), user.email);
});

test("When a user is created, then the stored password is a bcrypt hash and nothing else", async () => {
  const answer = await create(someone());
  const row = await stored(text(answer.body, "id"));

  assert.match(String(row?.["password_hash"]), /^\$2b\$10\$.{53}$/);
  assert.doesNotMatch(JSON.stringify(row), /correct horse/);
});
