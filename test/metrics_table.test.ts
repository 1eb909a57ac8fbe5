import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "./support/http.js";
import { tableOf } from "./support/markdown.js";
import { Scrape } from "./support/metrics.js";
import { ServiceProcess } from "./support/processes.js";
import { lines, TestQueue } from "./support/queue.js";
import { startOrdersService, startUserService, testServers } from "./support/services.js";

const codes = (cell = "") => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);

/** By service, the metrics of the table, each as `name type label,label`. */
const documented = tableOf("docs/metrics.md", "metric").flatMap(([names, type, labels, where = ""]) =>
  where.split(", ").flatMap((service) => codes(names).map((name) => ({ service, name, type, labels: codes(labels) }))),
);

async function notificationsService(): Promise<string> {
  const queue = await TestQueue.create();
  const settings = { RABBITMQ_URL: testServers().rabbitmq, ORDERS_QUEUE: queue.name };
  const service = await ServiceProcess.start("notifications_service", settings);
  await service.answers();
  await queue.order("a");
  await service.prints(lines("a"));
  return service.url;
}

const services: Readonly<Record<string, () => Promise<string>>> = {
  users: async () => (await startUserService()).url,
  orders: async () => (await startOrdersService()).url,
  notifications: notificationsService,
};

for (const [short, urlOf] of Object.entries(services))
  test(`When ${short} serves its metrics, then they are those of the table, with their types and labels`, async () => {
    const url = await urlOf();
    await call(`${url}/health`);
    const { text } = await Scrape.of(url);
    const found = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => ({ name, type }));
    const rows = documented.filter(({ service }) => service === short);
    const byName = (one: { name?: string | undefined }, other: { name?: string | undefined }) =>
      String(one.name).localeCompare(String(other.name));
    assert.deepEqual(rows.map(({ name, type }) => ({ name, type })).sort(byName), found.sort(byName));
    for (const { name, labels } of rows) {
      const series = [...text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? \\S+$`, "gm"))];
      const shown = series.flatMap(([, list = ""]) => [...list.matchAll(/(\w+)="/g)].map(([, label]) => label));
      // Nothing may be active, and nothing collected yet.
      const expected = series.length > 0 ? labels : [];
      assert.deepEqual(new Set(shown.filter((label) => label !== "le")), new Set(expected), name);
    }
  });
