import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import logUpdate from "log-update";
import { Cluster } from "./chaos/cluster.js";
import { FaultScheduler } from "./chaos/faults.js";
import { type Ledger, takeLedger } from "./chaos/ledger.js";
import { OrderLoad } from "./chaos/order_load.js";
import { allPrinted, recovered } from "./chaos/recovery.js";
import { stateFolder } from "./runtime/paths.js";
import { testFolder } from "./runtime/run_folder.js";
import { UserError } from "./runtime/user_error.js";
import { showInPlace } from "./stack/flow_watch.js";
import { main } from "./stack/main.js";
import { randomFrom } from "./stack/seed_data.js";
import { brokerCount, wholeNumber } from "./stack/settings.js";
import { killAll, removeRun } from "./stack/test_run.js";

const folder = testFolder("chaos");
let cluster: Cluster | undefined;

async function chaos(): Promise<void> {
  const [faults, seed] = [wholeNumber("n", 100, 1), wholeNumber("SEED", Date.now() % 1_000_000)];
  const brokers = brokerCount();
  try {
    await run(faults, seed, brokers);
  } catch (error) {
    await keepLogs(`chaos-${seed}`);
    throw error;
  }
}

async function run(faults: number, seed: number, brokers: number): Promise<void> {
  const start = performance.now();
  console.log(`n=${faults} SEED=${seed} brokers=${brokers}: a database and two replicas of each service start too`);
  cluster = await Cluster.start({ replicas: 2, brokers, folder });
  const load = new OrderLoad({ services: cluster.orders, clients: 4, pauseMs: 10, name: `chaos-${seed}` });
  const recoveries = await makeFaults(cluster, load, faults, randomFrom(seed));
  await load.stop();
  await allPrinted(cluster, load);
  const ledger = await takeLedger(cluster, load);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  console.log(report(ledger, recoveries, `${faults} faults, SEED=${seed}, ${minutes} min, ${load.retries} retries`));
  if (ledger.lost > 0 || ledger.doubled > 0 || ledger.torn > 0)
    throw new UserError("orders were lost, doubled or torn");
  await cleanup();
}

/** Returns the seconds from the end of each fault to the first line of an order that was placed after it. */
async function makeFaults(
  cluster: Cluster,
  load: OrderLoad,
  count: number,
  dice: () => number,
): Promise<readonly number[]> {
  const recoveries: number[] = [];
  const deck = new FaultScheduler(cluster, dice);
  for (let done = 0; done < count; ) {
    const faults = deck.deal();
    await sleep(dice() * 500);
    await Promise.all(faults.map((fault) => fault.happen()));
    recoveries.push(await recovered(cluster, load));
    done += faults.length;
    const last = faults.map(({ name }) => name).join(" and ");
    const counts = `accepted ${load.accepted.size}, printed ${cluster.printed.read()}`;
    showInPlace(`Faults ${Math.min(done, count)}/${count}, ${counts}, last: ${last}`);
  }
  logUpdate.done();
  return recoveries;
}

function report(ledger: Ledger, recoveries: readonly number[], title: string): string {
  const sorted = recoveries.toSorted((a, b) => a - b);
  const percentile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(1);
  return `
${title}
  sent      ${ledger.sent}
  accepted  ${ledger.accepted}
  stored    ${ledger.stored}
  printed   ${ledger.printed}
  doubled   ${ledger.doubled}, and ${ledger.doubledInWindow} announced as possible_duplicate
  torn      ${ledger.torn} (keys with more than one order)
  lost      ${ledger.lost}
  seconds to recover: p50 ${percentile(0.5)}, p90 ${percentile(0.9)}, p99 ${percentile(0.99)}, max ${sorted.at(-1)?.toFixed(1)}`;
}

/** What everything wrote in a run that failed is the only way to find out why. */
async function keepLogs(name: string): Promise<void> {
  await killAll(folder);
  const kept = join(stateFolder, name);
  rmSync(kept, { recursive: true, force: true });
  renameSync(folder, kept);
  console.error(`Logs of this run: ${kept}`);
}

async function cleanup(): Promise<void> {
  await cluster?.remove();
  await removeRun(folder);
}

await main(chaos, { cleanup });
