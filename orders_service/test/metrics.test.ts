import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { text } from "../../test/support/http.js";
import { Scrape } from "../../test/support/metrics.js";
import { newOrder, orphan, place, published, rows } from "../../test/support/orders.js";
import { startOrdersService } from "../../test/support/services.js";

const service = await startOrdersService();

/** The metrics once the outbox has been counted, which is done now and then. */
async function scrapeWhere(waiting: number): Promise<Scrape> {
  let scrape = await Scrape.of(service.url);
  const counted = async () => {
    scrape = await Scrape.of(service.url);
    return scrape.value("outbox_waiting_orders") === waiting;
  };
  await waitUntil(counted, { what: `${waiting} are counted`, deadlineMs: 60_000 });
  return scrape;
}

test("When all is well, then both servers are up, the outbox is empty, and inserts and confirmations are measured", async () => {
  await published(service, text((await place(service)).body, "id"));
  const scrape = await scrapeWhere(0);

  assert.equal(scrape.value("dependency_up", { dependency: "mongodb" }), 1);
  assert.equal(scrape.value("dependency_up", { dependency: "rabbitmq" }), 1);
  assert.equal(scrape.value("outbox_oldest_age_seconds"), 0);
  const labels = { method: "POST", route: "/orders", status: "201" };
  assert.equal(scrape.value("http_request_duration_seconds_count", labels), 1);
  assert.equal(scrape.value("orders_insert_batch_size_sum"), 1);
  assert.equal(scrape.value("rabbitmq_publish_confirm_seconds_count"), 1);
  assert.ok((scrape.value("rabbitmq_publish_confirm_seconds_sum") ?? 0) > 0);
  assert.equal(scrape.value("rabbitmq_reconnects_total", { connection: "orders" }), 0);
});

test("When orders are repeated, then those that are stored already do not count as stored", async () => {
  const before = (await Scrape.of(service.url)).value("orders_insert_batch_size_sum") ?? 0;
  for (let times = 0; times < 3; times += 1) await place(service, newOrder(), { "Idempotency-Key": "once" });

  assert.equal((await Scrape.of(service.url)).value("orders_insert_batch_size_sum"), before + 1);
});

test("When orders wait for the broker, then the metrics say how many, and how long the oldest has", async () => {
  const waiting = [orphan(60_000, new Date(Date.now() - 90_000)), orphan(60_000, new Date())];
  await rows(service).insertMany(waiting);
  const scrape = await scrapeWhere(2);

  const age = scrape.value("outbox_oldest_age_seconds") ?? 0;
  assert.ok(age >= 90 && age < 120, `${age} s`);
});

test("When the database and the broker can't be reached, then the metrics are answered, and say so", async () => {
  const nowhere = { MONGODB_URI: "mongodb://127.0.0.1:1/orders", RABBITMQ_URL: "amqp://127.0.0.1:1" };
  const away = await startOrdersService(nowhere, undefined, { untilReady: false });
  const scrape = await Scrape.of(away.url);
  await away.stop();

  assert.equal(scrape.value("dependency_up", { dependency: "mongodb" }), 0);
  assert.equal(scrape.value("dependency_up", { dependency: "rabbitmq" }), 0);
  assert.ok(Number.isNaN(scrape.value("outbox_waiting_orders")), "not known is not zero");
});
