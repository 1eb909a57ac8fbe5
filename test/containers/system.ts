import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { execa } from "execa";
import { OrderLoad } from "../../scripts/chaos/order_load.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { compose } from "../../scripts/stack/compose.js";
import { orders } from "../../scripts/stack/flow.js";
import { printedLines } from "../../scripts/stack/notifications.js";
import { isReady, replicasOf } from "../../scripts/stack/services.js";

/** Runs docker and returns its standard output. */
export const docker = async (...args: readonly string[]): Promise<string> =>
  (await execa("docker", args, { all: true })).stdout;

/** The id of the one container of a service, running or not. */
export async function containerOf(service: string): Promise<string> {
  const ids = (await compose("ps", "--all", "--quiet", service)).split("\n");
  assert.equal(ids.length, 1, `${service} has ${ids.length} containers`);
  return ids[0] ?? "";
}

/** Starts what is down, and waits until all services are ready: make up, but for the build. */
export async function bringUp(): Promise<void> {
  await compose("up", "--detach");
  for (const replica of replicasOf(1))
    await waitUntil(() => isReady(replica), { what: `${replica.name} is ready`, deadlineMs: 180_000 });
}

/** Clients that place as many orders as `limit` says, else until the load is stopped, or the test over. */
export function placeOrders(t: TestContext, limit = Number.POSITIVE_INFINITY, urls = [orders()]): OrderLoad {
  const services = urls.map((url) => ({ url }));
  const load = new OrderLoad({ services, clients: 4, pauseMs: 100, name: randomUUID(), limit });
  // Not to be waited for: where a test has failed, no order may be accepted any more.
  t.after(() => {
    void load.stop();
  });
  return load;
}

/**
 * Waits until each accepted order is printed. A line may be repeated only where the log says `possible_duplicate`: its
 * process died, or lost its database, between writing the line and recording that.
 */
export async function assertPrinted(load: OrderLoad): Promise<void> {
  const accepted = [...load.accepted.keys()];
  let times = await timesPrinted();
  const lost = () => accepted.filter((id) => !times.has(id));
  const allPrinted = async () => {
    times = await timesPrinted();
    return lost().length === 0;
  };
  const done = waitUntil(allPrinted, { what: "all orders are printed", deadlineMs: 180_000 });
  await done.catch(() => assert.deepEqual(lost(), [], `${lost().length} of ${accepted.length} were not printed`));
  const announced = announcedRepeats(await notificationsLogs());
  assert.deepEqual(
    accepted.filter((id) => times.get(id) !== 1 && !announced.has(id)),
    [],
    "printed more than once",
  );
}

async function timesPrinted(): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const line of await printedLines()) {
    const id = /^New order received: (.+)$/.exec(line)?.[1];
    if (id !== undefined) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

function announcedRepeats(log: string): ReadonlySet<string> {
  const lines = log.split("\n").filter((line) => line.includes('"possible_duplicate":true'));
  return new Set(lines.map((line) => /"order_id":"(\w+)"/.exec(line)?.[1] ?? ""));
}

/** With compose's own mixture of standard output and standard error. */
const notificationsLogs = () => compose("logs", "--no-color", "--no-log-prefix", "notifications_service");
