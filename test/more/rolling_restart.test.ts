import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { RestartableService } from "../../scripts/chaos/restartable_service.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { haproxyProgram, startHaproxy } from "../../scripts/runtime/haproxy.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { newOrder } from "../support/orders.js";
import { uniqueName } from "../support/services.js";

const folder = testFolder("rolling_restart");
const haproxy = await haproxyProgram();
const rounds = 2;

interface Call {
  readonly what: string;
  readonly status: number;
  readonly id: string;
}

/** Makes calls without a pause until `isOver`; each once, as a client that does not try again. */
async function client(calls: Call[], isOver: () => boolean, url: string, next: () => object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  while (!isOver()) {
    const request = fetch(url, { method: "POST", headers, body: JSON.stringify(next()) });
    const [status, answer] = await request.then(
      async (response) => [response.status, await response.json().catch(String)] as const,
      (error: unknown) => [0, { id: String(Object(error).cause ?? error) }] as const,
    );
    const id = String(Object(answer).id);
    calls.push({ what: `${url} ${status} ${id}`, status, id });
  }
}

test("When two replicas of each service are restarted in turn behind HAProxy, then no request fails", async (t) => {
  if (!haproxy) return t.skip("haproxy is not installed, and can't be without asking");
  // As docs/deployment.md says: more than HAProxy's interval. Else what it sends as a port closes is reset.
  const delayed = { SHUTDOWN_DELAY_SECONDS: "2" };
  const cluster = await Cluster.start({ replicas: 2, folder, env: delayed });
  afterAll(() => cluster.remove());
  const env = { MONGODB_URI: cluster.database.url, BCRYPT_ROUNDS: "10", ...delayed };
  const users = await Promise.all(
    [1, 2].map(async (number) => {
      const [service, name, port] = ["user_service", `user_service_${number}`, await freePort()] as const;
      return new RestartableService({ service, name, folder, port, env });
    }),
  );
  afterAll(() => Promise.all(users.map((service) => service.kill())));
  await Promise.all(users.map((service) => service.start()));
  // HAProxy has no server for what is not ready.
  for (const service of users)
    await waitUntil(() => service.isReady(), { what: `${service.name} is ready`, deadlineMs: 60_000 });
  const [usersPort, ordersPort] = [await freePort(), await freePort()];
  const addresses = (services: readonly RestartableService[]) => services.map(({ url }) => new URL(url).host);
  const fronts = new Map([
    [usersPort, addresses(users)],
    [ordersPort, addresses(cluster.orders)],
  ]);
  const proxy = await startHaproxy(haproxy, folder, fronts);
  afterAll(() => proxy.stop());

  const [calls, orders]: [Call[], Call[]] = [[], []];
  let over = false;
  const isOver = () => over;
  const password = "correct horse battery";
  const newUser = () => ({ name: "Ada", email: `${uniqueName("ada")}@example.com`, password });
  const [usersUrl, ordersUrl] = [`http://127.0.0.1:${usersPort}/users`, `http://127.0.0.1:${ordersPort}/orders`];
  const clients = [
    client(calls, isOver, usersUrl, newUser),
    client(orders, isOver, ordersUrl, newOrder),
    client(orders, isOver, ordersUrl, newOrder),
  ];
  for (let round = 0; round < rounds; round += 1)
    for (const service of [...users, ...cluster.services]) {
      const [before, ordersBefore] = [calls.length, orders.length];
      await service.stop();
      await service.start();
      await waitUntil(() => service.isReady(), { what: `${service.name} is ready`, deadlineMs: 60_000 });
      // Before, it would have no server at all once the next replica stops.
      await waitUntil(() => proxy.allUp(), { what: "HAProxy has found it ready", deadlineMs: 30_000 });
      const goesOn = () => calls.length > before + 5 && orders.length > ordersBefore + 10;
      await waitUntil(goesOn, { what: "calls go on", deadlineMs: 30_000 });
    }
  over = true;
  await Promise.all(clients);
  t.diagnostic(`${calls.length} users, ${orders.length} orders`);

  // One that a replica left waiting would be a 504 of HAProxy.
  const failed = [...calls, ...orders].filter(({ status }) => status !== 201);
  assert.deepEqual(failed, []);
  const allPrinted = () => {
    cluster.printed.read();
    return orders.every(({ id }) => cluster.printed.times(id) > 0);
  };
  await waitUntil(allPrinted, { what: "all orders are printed", deadlineMs: 60_000 });
  const doubled = orders.filter(({ id }) => cluster.printed.times(id) > 1);
  assert.deepEqual(doubled, []);
});
