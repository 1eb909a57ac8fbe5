import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { Scrape } from "../../test/support/metrics.js";
import { startUserService } from "../../test/support/services.js";
import { create, created, get } from "../../test/support/users.js";

const service = await startUserService({ BCRYPT_ROUNDS: "12" });
const value = async (name: string) => (await Scrape.of(service.url)).value(name);

test("When more users are created than there are threads, then the metrics say how many passwords wait", async () => {
  assert.equal(await value("password_hashing_queue_length"), 0);
  const answers = Promise.all(Array.from({ length: availableParallelism() + 8 }, () => create(service)));
  const someWait = async () => ((await value("password_hashing_queue_length")) ?? 0) > 0;
  await waitUntil(someWait, { what: "some wait", deadlineMs: 60_000 });
  await answers;

  assert.equal(await value("password_hashing_queue_length"), 0);
});

test("When users are read, then the metrics say how many one query has asked for", async () => {
  const ids = [await created(service), await created(service)];
  await Promise.all(ids.map((id) => get(service, id)));
  const batches = (await value("users_read_batch_size_count")) ?? 0;

  assert.ok(batches === 1 || batches === 2, `${batches} queries`);
  assert.equal(await value("users_read_batch_size_sum"), 2);
});
