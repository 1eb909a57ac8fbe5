import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { execa } from "execa";
import { parse } from "yaml";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { OrderLoad } from "../../scripts/chaos/order_load.js";
import { RestartableService } from "../../scripts/chaos/restartable_service.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { missingPrometheus, Prometheus } from "../support/prometheus.js";
import { TestQueue } from "../support/queue.js";
import { someone } from "../support/users.js";

const observability = join(root, "deploy/observability");
const read = (name: string) => readFileSync(join(observability, name), "utf8");
const rulesFile = "order_flow.rules.yml";
const folder = testFolder("observability");
const apiKey = "0123456789abcdef";
const skip = await missingPrometheus();

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const { groups }: { groups: readonly { readonly rules: readonly Rule[] }[] } = parse(read(rulesFile));
const rules = groups.flatMap((group) => group.rules);

interface Board {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}
const boardNames = readdirSync(join(observability, "boards"));
const expressionsOf = (name: string) => {
  // The service that is chosen: any.
  const board: Board = JSON.parse(read(`boards/${name}`).replaceAll('=\\"$job\\"', '=~\\".+\\"'));
  return board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
};

test("When promtool reads the rules and their tests, then it finds no mistake, and each alert fires when it should", {
  skip,
}, async () => {
  await execa("promtool", ["check", "config", join(observability, "prometheus.yml")]);
  await execa("promtool", ["check", "rules", join(observability, rulesFile)]);
  await execa("promtool", ["test", "rules", join(root, "test/more/alerts.yml")]);
});

let prometheus: Prometheus;
let cluster: Cluster;
let users: RestartableService;

/** On SIGUSR2 the process takes 450 MiB and keeps them, as one that leaks would after some time. */
const leak = 'process.on("SIGUSR2", () => { globalThis.leak = Buffer.alloc(450 * 2 ** 20, 1); });';

before(async () => {
  if (skip) return;
  mkdirSync(folder, { recursive: true });
  cluster = await Cluster.start({ replicas: 1, folder });
  afterAll(() => cluster.remove());
  writeFileSync(join(folder, "leak.mjs"), leak);
  const env = { MONGODB_URI: cluster.database.url, API_KEY: apiKey, BCRYPT_ROUNDS: "10" };
  const options = { service: "user_service", name: "user_service", folder, port: await freePort() } as const;
  users = new RestartableService({ ...options, env: { ...env, NODE_OPTIONS: `--import=${join(folder, "leak.mjs")}` } });
  await users.start();
  afterAll(() => users.kill());
  const load = new OrderLoad({ services: cluster.orders, clients: 2, pauseMs: 50, name: "observed" });
  afterAll(() => load.stop());
  prometheus = await startPrometheus();
});

/** With the files of deploy/observability, but the addresses of these services, the key, and seconds for minutes. */
function startPrometheus(): Promise<Prometheus> {
  const host = (service: RestartableService | undefined) => new URL(service?.url ?? "").host;
  const hosts = {
    user_service: users,
    orders_service: cluster.orders[0],
    notifications_service: cluster.notifications[0],
  };
  const addressed = Object.entries(hosts).reduce(
    (text, [name, service]) => text.replace(new RegExp(`${name}:\\d+`), host(service)),
    read("prometheus.yml"),
  );
  writeFileSync(join(folder, "api_key"), apiKey);
  const hurried = read(rulesFile)
    .replaceAll(/for: \dm/g, "for: 1s")
    .replaceAll("[5m]", "[20s]")
    .replace("> 60", "> 10");
  writeFileSync(join(folder, rulesFile), hurried);
  return Prometheus.start(folder, addressed.replaceAll("# authorization", "authorization").replaceAll("15s", "4s"));
}

const usersCall = (path: string, init: RequestInit = {}) =>
  fetch(users.url + path, {
    ...init,
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
  });

async function useUsers(): Promise<void> {
  const { headers } = await usersCall("/users", { method: "POST", body: JSON.stringify(someone()) });
  await (await usersCall(headers.get("Location") ?? "")).arrayBuffer();
}

test("When all is well under load, then no panel of any board is empty, and no alert fires", { skip }, async () => {
  for (const expression of boardNames.flatMap(expressionsOf)) {
    const hasFigures = async () => {
      await useUsers();
      return (await prometheus.query(expression)).length > 0;
    };
    await waitUntil(hasFigures, { what: `${expression} has a figure`, deadlineMs: 30_000 });
  }
  for (const { expr } of rules) await prometheus.query(expr);
  await noneFires();
});

type Labels = Readonly<Record<string, string>>;

/** Waits until an alert with these labels fires; tells how long that took. */
async function fires(t: TestContext, alertname: string, labels: Labels = {}): Promise<void> {
  const start = performance.now();
  const wanted = Object.entries({ alertname, ...labels });
  const isFiring = async () =>
    (await prometheus.firing()).some((alert) => wanted.every(([label, value]) => alert[label] === value));
  await waitUntil(isFiring, { what: `${alertname} fires`, deadlineMs: 60_000 });
  t.diagnostic(`${alertname} fires after ${((performance.now() - start) / 1_000).toFixed(1)} s`);
}

const noneFires = () =>
  waitUntil(async () => (await prometheus.firing()).length === 0, { what: "no alert fires", deadlineMs: 90_000 });

test("When a message can't be read, then DeadLetters fires until it is gone", { skip }, async (t) => {
  const queue = await TestQueue.open(cluster.broker.url, "orders_queue");
  await queue.publish(["not JSON"]);
  await fires(t, "DeadLetters", { queue: "orders_queue.dlq" });
  await queue.channel.purgeQueue("orders_queue.dlq");
  await queue.close();
  await noneFires();
});

test("When the only consumer is killed, then ServiceDown and NothingPrinted fire until it is back", {
  skip,
}, async (t) => {
  await cluster.notifications[0]?.kill();
  await Promise.all([fires(t, "ServiceDown", { job: "notifications_service" }), fires(t, "NothingPrinted")]);
  await cluster.notifications[0]?.start();
  await noneFires();
});

test("When the broker is killed, then DependencyDown and OrdersWait fire until it is back", { skip }, async (t) => {
  await cluster.broker.kill();
  const down = ["orders_service", "notifications_service"].map((job) =>
    fires(t, "DependencyDown", { job, dependency: "rabbitmq" }),
  );
  await Promise.all([...down, fires(t, "OrdersWait")]);
  await cluster.broker.start();
  await noneFires();
});

test("When the database is killed, then DependencyDown and ServerErrors fire until it is back", { skip }, async (t) => {
  await cluster.database.kill();
  const down = ["user_service", "orders_service"].map((job) =>
    fires(t, "DependencyDown", { job, dependency: "mongodb" }),
  );
  await Promise.all([...down, fires(t, "ServerErrors", { job: "orders_service" })]);
  await cluster.database.start();
  await noneFires();
});

test("When a service takes more and more memory, then MemoryNearLimit fires until it is restarted", {
  skip,
}, async (t) => {
  process.kill(users.pid ?? assert.fail(), "SIGUSR2");
  await fires(t, "MemoryNearLimit", { job: "user_service" });
  await users.stop();
  await users.start();
  await noneFires();
});

/** The series that an expression reads: names that are no functions, each with its matchers. */
function selectorsOf(expression: string): readonly string[] {
  const operands = expression.replaceAll(/\s*\b(by|on) *\([^)]*\)\s*/g, "").replaceAll(/\b(unless|or|and)\b/g, "");
  return [...operands.matchAll(/(?<!["\w])[a-z_]\w*\b(?!\()(\{[^}]*\})?(?![\w("])/g)].map(([selector]) => selector);
}

test("When all of that has happened, then each selector of the rules and the boards has found a series", {
  skip,
}, async () => {
  const expressions = [...rules.map(({ expr }) => expr), ...boardNames.flatMap(expressionsOf)];
  const selectors = new Set(expressions.flatMap(selectorsOf));
  assert.ok(selectors.size > 20, [...selectors].join("\n"));
  for (const selector of selectors)
    assert.ok((await prometheus.query(`last_over_time(${selector}[1h])`)).length > 0, selector);
});
