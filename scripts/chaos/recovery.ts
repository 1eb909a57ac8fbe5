import { waitUntil } from "../runtime/wait.js";
import type { Cluster } from "./cluster.js";
import type { OrderLoad } from "./order_load.js";

/** Waits until an order that is accepted from now on is printed; returns how many seconds that took. */
export async function recovered(cluster: Cluster, load: OrderLoad, deadlineMs = 90_000): Promise<number> {
  const over = performance.now();
  const printedSince = () => {
    cluster.printed.read();
    return [...load.accepted].some(([id, when]) => when > over && cluster.printed.times(id) > 0);
  };
  await waitUntil(printedSince, { what: "an order placed after the fault is printed", deadlineMs });
  return (performance.now() - over) / 1_000;
}

/**
 * Waits until all that was accepted is printed. What is not when the time is up counts as lost: the ledger says so.
 * A replica that had many orders may need its time, hence the default.
 */
export async function allPrinted(cluster: Cluster, load: OrderLoad, deadlineMs = 120_000): Promise<void> {
  const none = () => {
    cluster.printed.read();
    return [...load.accepted.keys()].every((id) => cluster.printed.times(id) > 0);
  };
  await waitUntil(none, { what: "all is printed", deadlineMs }).catch(() => {});
}
