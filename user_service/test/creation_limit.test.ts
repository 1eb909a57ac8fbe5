import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../test/support/http.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, insertRow, somePassword } from "../../test/support/users.js";

test("When one address creates users, then it may create a tenth of what it may call", async () => {
  const users = await startUserService({ RATE_LIMIT_PER_MINUTE: "20" });
  const create = (path: string) => call(`${users.url}${path}`, { method: "POST", json: {} });
  const statuses = [await create("/users"), await create("/users/"), await create("/users")].map(
    ({ status }) => status,
  );
  const listed = await call(`${users.url}/users`);
  await users.stop();

  assert.deepEqual(statuses, [422, 422, 429]);
  assert.equal(listed.status, 200, "the other calls have the rest");
});

test("When one address changes passwords, then that counts as creating users does, and other changes do not", async () => {
  const users = await startUserService({ RATE_LIMIT_PER_MINUTE: "20" });
  const id = await insertRow(users);
  const [password, name] = [{ password: somePassword }, { name: "another name" }];
  const changes = [name, password, name, password, password, name];
  const statuses = [];
  for (const json of changes) statuses.push((await change(users, id, json)).status);
  const created = await create(users);
  await users.stop();

  assert.deepEqual([...statuses, created.status], [200, 200, 200, 200, 429, 200, 429]);
});
