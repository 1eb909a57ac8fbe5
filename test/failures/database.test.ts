import assert from "node:assert/strict";
import { connect } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import type { OrderLoad } from "../../scripts/chaos/order_load.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { type Answer, call, text } from "../support/http.js";
import { head } from "../support/raw_http.js";
import { uniqueName } from "../support/services.js";
import { expectAtLeastOnce, expectNoLoss } from "./experiment.js";

const cluster = await Cluster.start({ replicas: 1, folder: testFolder("failures_database") });
afterAll(() => cluster.remove());

const orders = (path = "") => `${cluster.orders[0]?.url}/orders${path}`;

const place = (key = uniqueName("key")): Promise<Answer> =>
  call(orders(), {
    method: "POST",
    headers: { "Idempotency-Key": key },
    json: { user_id: "65f0c0ffee65f0c0ffee65f0", items: [{ sku: "TEA-250", quantity: 1, unit_price_cents: 450 }] },
  });

/** Refusals go to the clients, who try again: the load stands still until the database is back. */
const refuses = async (load: OrderLoad) => {
  const before = load.retries;
  await waitUntil(() => load.retries > before + 4, { what: "orders are refused", deadlineMs: 30_000 });
};

test("When the database is killed under load, then calls are refused until it is back and nothing is lost", (t) =>
  expectAtLeastOnce(t, cluster, async (load) => {
    await cluster.database.kill();
    await refuses(load);
    await cluster.database.start();
  }));

test("When the database is frozen under load, then calls are refused until it goes on and nothing is lost", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    await cluster.database.freeze();
    await refuses(load);
    await cluster.database.thaw();
  }));

for (const [what, ask] of [
  ["placing", () => place()],
  ["a list", () => call(orders())],
  ["reading", () => call(orders("/65f0c0ffee65f0c0ffee65f0"))],
  ["/ready", () => call(`${cluster.orders[0]?.url}/ready`)],
] as const)
  test(`When the database is frozen, then ${what} is answered 503 with Retry-After within 3 seconds`, async () => {
    await cluster.database.freeze();
    let seconds = Number.POSITIVE_INFINITY;
    // A busy machine only adds to the timeout: the fastest try shows it.
    for (let tries = 0; tries < 5 && seconds >= 3; tries += 1) {
      const start = performance.now();
      const { status, headers } = await ask();
      seconds = Math.min(seconds, (performance.now() - start) / 1_000);
      assert.deepEqual([status, headers.get("Retry-After")], [503, "1"]);
    }
    await cluster.database.thaw();
    assert.ok(seconds < 3, `it took ${seconds} s`);
    await cluster.ready();
  });

/** Sends 50 calls in one piece, so that a busy machine does not spread them out. */
function pipelined(): Promise<string> {
  const { port, hostname } = new URL(orders());
  const socket = connect(Number(port), hostname);
  const get = "GET /orders/65f0c0ffee65f0c0ffee65f0 HTTP/1.1";
  socket.write(`${get}\r\nHost: a\r\n\r\n`.repeat(49) + head(get, "Host: a"));
  return textOf(socket);
}

test("When the database is frozen and 1,000 calls come at once, then some wait and the others are refused at once", async () => {
  await cluster.database.freeze();
  const responses = (await Promise.all(Array.from({ length: 20 }, pipelined))).join("");
  await cluster.database.thaw();

  const found = (pattern: RegExp) => [...responses.matchAll(pattern)].map(([, value]) => value);
  const statuses = found(/HTTP\/1\.1 (\d+)/g);
  assert.equal(statuses.length, 1_000);
  assert.deepEqual([...new Set(statuses)], ["503"]);
  assert.deepEqual([...new Set(found(/"detail":"(.*?)"/g))].sort(), [
    "The database did not answer.",
    "Too many requests wait for the database.",
  ]);
  await cluster.ready();
});

test("When an order timed out and had landed all the same, then the same key gives that one order", async () => {
  const key = uniqueName("landed");
  await cluster.database.freeze();
  const refused = await place(key);
  await cluster.database.thaw();
  await cluster.ready();
  const again = await place(key);
  const once = await place(key);

  assert.equal(refused.status, 503);
  assert.deepEqual([again.status, once.status], [201, 201]);
  assert.equal(text(again.body, "id"), text(once.body, "id"));
});
