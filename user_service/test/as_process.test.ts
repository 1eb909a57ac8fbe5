import assert from "node:assert/strict";
import { test } from "node:test";
import { call, text } from "../../test/support/http.js";
import { ended, ServiceProcess } from "../../test/support/processes.js";
import { databaseUri, uniqueName } from "../../test/support/services.js";

test("When user_service runs as a process, then a user is created, read, listed, changed and deleted", async () => {
  const service = await ServiceProcess.start("user_service", { MONGODB_URI: databaseUri(uniqueName("users")) });
  await service.answers();
  const users = `${service.url}/users`;
  const json = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
  const created = await call(users, { method: "POST", json });
  const url = `${users}/${text(created.body, "id")}`;
  const changed = await call(url, { method: "PATCH", json: { name: "Grace" } });

  assert.equal(created.status, 201);
  assert.equal(text(changed.body, "name"), "Grace");
  assert.deepEqual((await call(url)).body, changed.body);
  assert.deepEqual((await call(users)).body, { data: [changed.body], next_cursor: null });
  assert.equal((await call(url, { method: "DELETE" })).status, 204);
  assert.equal((await call(url)).status, 404);
  assert.deepEqual(await service.end(), ended);
});
