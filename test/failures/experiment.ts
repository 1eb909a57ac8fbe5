import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Cluster } from "../../scripts/chaos/cluster.js";
import { takeLedger } from "../../scripts/chaos/ledger.js";
import { OrderLoad } from "../../scripts/chaos/order_load.js";
import { allPrinted, recovered } from "../../scripts/chaos/recovery.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { uniqueName } from "../support/services.js";

interface Expectation {
  /** True where a consumer is killed: what it was printing may come twice, and the log announces it. */
  readonly mayRepeat?: boolean;
  /** Where clients place their orders, if not at the services themselves. */
  readonly entrance?: readonly { readonly url: string }[];
}

/** Orders that are accepted before the fault begins: enough that some are on every stretch of the way. */
const warmUp = 40;

/**
 * Places orders without a pause while `fault` happens, waits until new ones are printed again and all old ones are,
 * and holds what was accepted against what was printed.
 */
export async function expectNoLoss(
  t: TestContext,
  fleet: Cluster,
  fault: (load: OrderLoad) => Promise<void>,
  { mayRepeat = false, entrance }: Expectation = {},
): Promise<void> {
  const load = new OrderLoad({
    services: entrance ?? fleet.orders,
    clients: 4,
    pauseMs: 5,
    name: uniqueName("failure"),
  });
  try {
    await accepts(load, warmUp);
    await fault(load);
    const seconds = await recovered(fleet, load);
    await load.stop();
    await allPrinted(fleet, load);
    const ledger = await takeLedger(fleet, load);
    const { accepted, lost, doubled, doubledInWindow, torn } = ledger;
    t.diagnostic(
      `accepted ${accepted}, lost ${lost}, doubled ${doubled}, announced ${doubledInWindow}, recovered in ${seconds.toFixed(1)} s`,
    );
    assert.deepEqual({ lost, doubled, torn }, { lost: 0, doubled: 0, torn: 0 });
    if (!mayRepeat) assert.equal(doubledInWindow, 0);
  } finally {
    await load.stop();
  }
}

/** Waits until `count` more orders are accepted. */
export async function accepts(load: OrderLoad, count: number, deadlineMs = 60_000): Promise<void> {
  const goal = load.accepted.size + count;
  await waitUntil(() => load.accepted.size >= goal, { what: `${count} more orders are accepted`, deadlineMs });
}
