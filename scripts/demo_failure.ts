import { Cluster } from "./chaos/cluster.js";
import { takeLedger } from "./chaos/ledger.js";
import { OrderLoad } from "./chaos/order_load.js";
import { allPrinted } from "./chaos/recovery.js";
import { testFolder } from "./runtime/run_folder.js";
import { UserError } from "./runtime/user_error.js";
import { waitUntil } from "./runtime/wait.js";
import { FlowWatch, say as sayAbove, showEachSecond } from "./stack/flow_watch.js";
import { main } from "./stack/main.js";
import { removeRun } from "./stack/test_run.js";

const folder = testFolder("demo");
const orders = 240;
const killAt = 60;
const reviveAt = 160;

let start = 0;
let cluster: Cluster | undefined;

async function demo(): Promise<void> {
  console.log("Starting a separate database, broker, orders_service and notifications_service…");
  cluster = await Cluster.start({ replicas: 1, folder });
  const { broker, printed } = cluster;
  start = performance.now();
  say(`Two clients place ${orders} orders, through ${broker.kind}`);
  const load = new OrderLoad({ services: cluster.orders, clients: 2, pauseMs: 120, limit: orders, name: "demo" });
  const flow = new FlowWatch(cluster.services);
  const line = async () => {
    const [taken, notified] = [load.accepted.size, printed.read()];
    return stamped(`accepted ${taken}, notified ${notified}: ${await flow.line(Math.max(taken - notified, 0))}`);
  };
  const stop = new AbortController();
  const shown = showEachSecond(line, stop.signal);
  const accepted = (count: number) =>
    waitUntil(() => load.accepted.size >= count, { what: `${count} orders are accepted`, deadlineMs: 30_000 });

  await accepted(killAt);
  await broker.kill();
  say("The broker is killed (SIGKILL). Calls still get 201; their orders wait in the database");
  await accepted(reviveAt);
  say("The broker is started again");
  await broker.start();
  say("The broker is back");
  await load.done();
  await allPrinted(cluster, load, 60_000);
  stop.abort();
  await shown;

  const { accepted: taken, printed: notified, lost, doubled, doubledInWindow } = await takeLedger(cluster, load);
  await cleanup();
  console.log(`\naccepted ${taken}, notified ${notified}, lost ${lost}, doubled ${doubled + doubledInWindow}`);
  if (lost + doubled > 0) throw new UserError("this must not happen");
}

const say = (text: string) => sayAbove(stamped(text));

const stamped = (text: string): string => `${((performance.now() - start) / 1_000).toFixed(1).padStart(5)} s  ${text}`;

async function cleanup(): Promise<void> {
  await cluster?.remove();
  await removeRun(folder);
}

await main(demo, { cleanup });
