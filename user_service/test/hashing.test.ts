import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { createUserModel } from "@order-flow/user_service/models/user.js";
import { PasswordHasher } from "@order-flow/user_service/services/password_hasher.js";
import { UserService } from "@order-flow/user_service/services/user_service.js";
import { execa } from "execa";
import { afterAll } from "../../test/support/cleanup.js";
import { call, member } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, insertRow, rows, someone, somePassword } from "../../test/support/users.js";

test("When a password is being hashed, then the event loop is hardly used meanwhile", async () => {
  const hasher = new PasswordHasher(12);
  afterAll(() => hasher.close());
  await hasher.hash("the thread starts");
  const before = performance.eventLoopUtilization();
  await hasher.hash(somePassword);
  const { utilization } = performance.eventLoopUtilization(before);

  // Of hashing on it, also in slices, this would be 1.
  assert.ok(utilization < 0.5, `${utilization}`);
});

test("When more passwords wait to be hashed than may, then the next are 503 at once, and the rest are served", async () => {
  const service = await startUserService();
  const id = await insertRow(service);
  // 64 may wait; what is hashed while the requests still arrive makes room for others.
  const count = 64 + availableParallelism() + 60;
  const answers = await Promise.all(Array.from({ length: count }, () => create(service)));
  const tooMany = answers.filter(({ body }) => member(body, "detail") === "Too many passwords wait to be hashed.");
  const created = answers.filter(({ status }) => status === 201);
  const stored = (await rows(service).countDocuments()) - 1;

  assert.ok(tooMany.length > 0, "some are refused");
  for (const answer of tooMany) {
    assertProblem(answer, 503);
    assert.equal(answer.headers.get("Retry-After"), "1");
  }
  // The others were hashed. A database that is slow meanwhile may have refused one of them, and stored it or not.
  assert.ok(count - tooMany.length >= 64, `${count - tooMany.length} are hashed`);
  assert.ok(created.length <= stored && stored <= count - tooMany.length, `${stored} are stored`);
  assert.ok(created.length > 0, "some are created");
  assert.equal((await create(service)).status, 201);
  assert.equal((await change(service, id, { password: "another password" })).status, 200);
});

test("When a password has waited too long, then it is not hashed any more: 503", async () => {
  const hasher = new PasswordHasher(15, -1);
  afterAll(() => hasher.close());

  await assert.rejects(hasher.hash(somePassword), { status: 503, message: /waited too long/ });
});

test("When the service was started with nice, then its hashing threads are nicer still", {
  skip: process.platform === "linux" ? false : "only on Linux a thread has a priority of its own",
}, async () => {
  const worker = import.meta.resolve("@order-flow/user_service/services/password_worker.js");
  const code = `import { getPriority } from "node:os"; const before = getPriority(); await import("${worker}");
    console.log(before, getPriority());`;
  const { stdout } = await execa("nice", ["-n", "10", process.execPath, "--input-type=module", "--eval", code]);

  const [before = 0, after] = stdout.split(" ").map(Number);
  assert.equal(after, Math.min(before + 5, 19));
});

test("When a request is not valid, then its password is not hashed", async () => {
  // Hashing the password of each would take minutes.
  const service = await startUserService({ BCRYPT_ROUNDS: "15" });
  const answers = await Promise.all(Array.from({ length: 100 }, () => create(service, someone({ email: "nobody" }))));

  for (const answer of answers) assertProblem(answer, 422);
});

test("When users are created faster than a tenth of the rate limit, then that is 429; bodies that are not valid do not count", async () => {
  const service = await startUserService({ RATE_LIMIT_PER_MINUTE: "20" });
  const attempts = [
    ["/users", {}],
    ["/users/", someone()],
    ["/users", someone()],
    ["/users/", someone()],
    ["/users", someone()],
    ["/users", {}],
  ] as const;
  const answers = [];
  for (const [path, json] of attempts) answers.push(await call(`${service.url}${path}`, { method: "POST", json }));

  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(statuses, [422, 201, 201, 429, 429, 422]);
  assert.match(answers[3]?.headers.get("Retry-After") ?? "", /^\d+$/);
  assert.equal(await rows(service).countDocuments(), 2);
  assert.equal((await call(`${service.url}/users`)).status, 200);
});

test("When one address changes passwords, then that counts as creating users does, and other changes do not", async () => {
  const service = await startUserService({ RATE_LIMIT_PER_MINUTE: "20" });
  const id = await insertRow(service);
  const [password, name] = [{ password: somePassword }, { name: "another name" }];
  const statuses = [];
  for (const json of [name, password, name, password, password, name])
    statuses.push((await change(service, id, json)).status);
  statuses.push((await create(service)).status);

  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 200, 429]);
});

class CountingHasher extends PasswordHasher {
  count = 0;

  override hash(password: string): Promise<string> {
    this.count += 1;
    return super.hash(password);
  }
}

test("When a user is created or changed, then a password is hashed only if nothing else is in the way", async () => {
  const service = await startUserService();
  const hasher = new CountingHasher(10);
  afterAll(() => hasher.close());
  const users = new UserService(createUserModel(service.database.connection), service.database, hasher, () => {});
  const id = await insertRow(service);
  const changes = { password: somePassword };
  const setPassword = (of: string, mayChange: boolean) => users.update(of, changes, () => mayChange);

  await assert.rejects(setPassword("000000000000000000000000", true), { status: 404 });
  await assert.rejects(setPassword(id, false), { status: 412 });
  const { email } = someone();
  await rows(service).updateOne({}, { $set: { email } });
  const other = await insertRow(service);
  await assert.rejects(users.create({ name: "another", email, password: somePassword }), { status: 409 });
  await assert.rejects(
    users.update(other, { ...changes, email }, () => true),
    { status: 409 },
  );
  assert.equal(hasher.count, 0);
  await setPassword(id, true);
  assert.equal(hasher.count, 1);
});
