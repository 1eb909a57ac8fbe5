import { Cluster } from "./chaos/cluster.js";
import { takeLedger } from "./chaos/ledger.js";
import { MemoryWatch } from "./chaos/memory_watch.js";
import { OrderLoad } from "./chaos/order_load.js";
import { showProgress } from "./chaos/progress.js";
import { publishOrders } from "./chaos/publish_orders.js";
import { testFolder } from "./runtime/run_folder.js";
import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { wholeNumber } from "./stack/settings.js";
import { removeRun } from "./stack/test_run.js";

const folder = testFolder("backlog");
/** Orders that a service has handled before its memory is measured: its caches and pools are filled then. */
const warmUp = 5_000;
const maxGrowthMb = 50;
const mistakes: string[] = [];
let fleet: Cluster | undefined;

async function backlog(): Promise<void> {
  const count = wholeNumber("n", 10_000);
  fleet = await Cluster.start({ replicas: 1, folder, env: { LOG_LEVEL: "warn" } });
  console.log(`A backlog of ${count}, with ${fleet.broker.kind} and ${fleet.database.kind}`);
  await place(fleet, "warm-up", warmUp);
  await printed(fleet, warmUp);
  await ordersWithoutBroker(fleet, count);
  await messagesWithoutConsumer(fleet, count);
  await cleanup();
  if (mistakes.length > 0) throw new UserError(mistakes.join("\n"));
}

/** The orders wait in the database; then the broker comes back. */
async function ordersWithoutBroker(fleet: Cluster, count: number): Promise<void> {
  const { broker, orders } = fleet;
  await broker.stop();
  const memory = new MemoryWatch(orders);
  const start = performance.now();
  const load = await place(fleet, "backlog", count);
  const acceptedIn = secondsSince(start);
  const back = performance.now();
  await broker.start();
  await printed(fleet, warmUp + count);
  const printedIn = secondsSince(back);
  const { accepted, lost, doubled, doubledInWindow } = await takeLedger(fleet, load);
  console.log(`
${accepted} orders accepted while the broker was down, in ${acceptedIn} s
  all printed ${printedIn} s after the broker was started; lost ${lost}, doubled ${doubled + doubledInWindow}
  memory of orders_service: ${judged(memory.stop())}`);
  if (lost + doubled + doubledInWindow > 0) mistakes.push("orders were lost or doubled");
}

/** The messages wait in the queue; then the consumer comes back. */
async function messagesWithoutConsumer(fleet: Cluster, count: number): Promise<void> {
  const [consumer] = fleet.notifications;
  await consumer?.stop();
  const before = fleet.printed.read();
  const ids = await publishOrders(fleet.broker.url, "orders_queue", count);
  await consumer?.start();
  const memory = new MemoryWatch(fleet.notifications);
  const start = performance.now();
  await printed(fleet, before + count);
  const times = ids.map((id) => fleet.printed.times(id));
  console.log(`
${count} messages that waited in the queue printed in ${secondsSince(start)} s
  memory of notifications_service: ${judged(memory.stop())}`);
  if (times.some((time) => time !== 1)) mistakes.push("messages were lost or doubled");
}

async function place({ orders }: Cluster, name: string, limit: number): Promise<OrderLoad> {
  const load = new OrderLoad({ services: orders, clients: 8, pauseMs: 0, limit, name });
  await showProgress(`Orders (${name})`, limit, () => load.accepted.size);
  await load.done();
  return load;
}

async function printed(fleet: Cluster, total: number): Promise<void> {
  await showProgress("Printed", total, () => fleet.printed.read());
}

function judged({ firstMb, maxMb }: { readonly firstMb: number; readonly maxMb: number }): string {
  const growth = maxMb - firstMb;
  if (growth > maxGrowthMb) mistakes.push(`memory grew by more than ${maxGrowthMb} MB`);
  return `${firstMb} MB before, ${maxMb} MB at most (+${growth} MB)`;
}

const secondsSince = (start: number): string => ((performance.now() - start) / 1_000).toFixed(1);

async function cleanup(): Promise<void> {
  await fleet?.remove();
  await removeRun(folder);
}

await main(backlog, { cleanup });
