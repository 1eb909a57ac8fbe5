import { test } from "node:test";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, created, someone } from "../../test/support/users.js";

const service = await startUserService();
const stale = { "If-Match": '"9"' };

test("When a user is changed by a body that is not valid, then rules come before whether there is such a user", async () => {
  const nobody = "0123456789abcdef01234567";

  assertProblem(await change(service, nobody, { name: "" }, stale), 422);
  assertProblem(await change(service, nobody, { name: "Ada" }, stale), 404);
});

test("When a user is created or changed by a body that is not valid, then rules come before the email and the version", async () => {
  const user = someone();
  const id = await created(service, user);

  assertProblem(await create(service, { ...user, name: "" }), 422);
  assertProblem(await create(service, user), 409);
  assertProblem(await change(service, id, { role: "admin" }, stale), 422);
  assertProblem(await change(service, id, { name: "Ada" }, stale), 412);
});
