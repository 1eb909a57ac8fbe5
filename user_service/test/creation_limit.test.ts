import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../test/support/http.js";
import { startUserService } from "../../test/support/services.js";

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
