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
let cluster: Cluster | undefined;

async function backlog(): Promise<void> {
  const count = wholeNumber("n", 10_000);
  cluster = await Cluster.start({ replicas: 1, folder, env: { LOG_LEVEL: "warn" } });
  console.log(`A backlog of ${count}, with ${cluster.broker.kind} and ${cluster.database.kind}`);
  await place(cluster, "warm-up", warmUp);
  await printed(cluster, warmUp);
  await ordersWithoutBroker(cluster, count);
  await messagesWithoutConsumer(cluster, count);
  await cleanup();
  if (mistakes.length > 0) throw new UserError(mistakes.join("\n"));
}

/** The orders wait in the database; then the broker comes back. */
async function ordersWithoutBroker(cluster: Cluster, count: number): Promise<void> {
  const { broker, orders } = cluster;
  await broker.stop();
  const memory = new MemoryWatch(orders);
  const start = performance.now();
  const load = await place(cluster, "backlog", count);
  const acceptedIn = secondsSince(start);
  const back = performance.now();
  await broker.start();
  await printed(cluster, warmUp + count);
  const printedIn = secondsSince(back);
  const { accepted, lost, doubled, doubledInWindow } = await takeLedger(cluster, load);
  console.log(`
${accepted} orders accepted while the broker was down, in ${acceptedIn} s
  all printed ${printedIn} s after the broker was started; lost ${lost}, doubled ${doubled + doubledInWindow}
  memory of orders_service: ${judged(memory.stop())}`);
  if (lost + doubled + doubledInWindow > 0) mistakes.push("orders were lost or doubled");
}

/** The messages wait in the queue; then the consumer comes back. */
async function messagesWithoutConsumer(cluster: Cluster, count: number): Promise<void> {
  const [consumer] = cluster.notifications;
  await consumer?.stop();
  const before = cluster.printed.read();
  const ids = await publishOrders(cluster.broker.url, "orders_queue", count);
  await consumer?.start();
  const memory = new MemoryWatch(cluster.notifications);
  const start = performance.now();
  await printed(cluster, before + count);
  const times = ids.map((id) => cluster.printed.times(id));
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

async function printed(cluster: Cluster, total: number): Promise<void> {
  await showProgress("Printed", total, () => cluster.printed.read());
}

function judged({ firstMb, maxMb }: { readonly firstMb: number; readonly maxMb: number }): string {
  const growth = maxMb - firstMb;
  if (growth > maxGrowthMb) mistakes.push(`memory grew by more than ${maxGrowthMb} MB`);
  return `${firstMb} MB before, ${maxMb} MB at most (+${growth} MB)`;
}

const secondsSince = (start: number): string => ((performance.now() - start) / 1_000).toFixed(1);

async function cleanup(): Promise<void> {
  await cluster?.remove();
  await removeRun(folder);
}

await main(backlog, { cleanup });
