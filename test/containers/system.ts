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
    await waitUntil(() => isReady(replica), { what: `${replica.name} is ready`, deadlineMs: 60_000 });
}

/** Clients that place as many orders as `limit` says, else until the load is stopped, or the test over. */
export function placeOrders(t: TestContext, limit = Number.POSITIVE_INFINITY, urls = [orders]): OrderLoad {
  const services = urls.map((url) => ({ url }));
  const load = new OrderLoad({ services, clients: 4, pauseMs: 20, name: randomUUID(), limit });
  // Not to be waited for: where a test has failed, no order may be accepted any more.
  t.after(() => {
    void load.stop();
  });
  return load;
}

/** Waits until so many more orders are accepted. */
export async function acceptsMore(load: OrderLoad, count: number): Promise<void> {
  const enough = load.accepted.size + count;
  await waitUntil(() => load.accepted.size >= enough, { what: `${count} orders are accepted`, deadlineMs: 60_000 });
}

/** Waits until each accepted order is printed, and returns those that were printed more than once. */
export async function printsAll(load: OrderLoad): Promise<readonly string[]> {
  const accepted = [...load.accepted.keys()];
  let times = new Map<string, number>();
  const allPrinted = async () => {
    times = await timesPrinted();
    return accepted.every((id) => times.has(id));
  };
  // An order that a killed process was about to print waits for its lease of 30 seconds.
  const done = waitUntil(allPrinted, { what: "all orders are printed", deadlineMs: 90_000 });
  await done.catch(() => {
    const lost = accepted.filter((id) => !times.has(id));
    assert.deepEqual(lost, [], `${lost.length} of ${accepted.length} orders were not printed`);
  });
  return accepted.filter((id) => times.get(id) !== 1);
}

async function timesPrinted(): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const line of await printedLines()) {
    const id = /^New order received: (.+)$/.exec(line)?.[1];
    if (id !== undefined) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}
