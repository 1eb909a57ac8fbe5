import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Options } from "amqplib";
import type { Cluster } from "../../scripts/chaos/cluster.js";
import { takeLedger } from "../../scripts/chaos/ledger.js";
import { OrderLoad } from "../../scripts/chaos/order_load.js";
import { allPrinted, recovered } from "../../scripts/chaos/recovery.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { TestQueue } from "../support/queue.js";
import { uniqueName } from "../support/services.js";

interface Expectation {
  /** True where a consumer is killed: what it was printing may come twice, and the log announces it. */
  readonly mayRepeat?: boolean;
  /** Where clients place their orders, if not at the services themselves. */
  readonly entrance?: readonly { readonly url: string }[];
}

type Fault = (load: OrderLoad) => Promise<void>;

/** Orders that are accepted before the fault begins: enough that some are on every stretch of the way. */
const warmUp = 40;

/**
 * Places orders without a pause while `fault` happens, waits until new ones are printed again and all old ones are,
 * and holds what was accepted against what was printed.
 */
export async function expectNoLoss(
  t: TestContext,
  cluster: Cluster,
  fault: Fault,
  { mayRepeat = false, entrance }: Expectation = {},
): Promise<void> {
  const load = new OrderLoad({
    services: entrance ?? cluster.orders,
    clients: 4,
    pauseMs: 5,
    name: uniqueName("failure"),
  });
  try {
    await load.acceptsMore(warmUp);
    await fault(load);
    const seconds = await recovered(cluster, load);
    await load.stop();
    await allPrinted(cluster, load);
    const ledger = await takeLedger(cluster, load);
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

/** The same where a consumer is killed: what it was printing may come twice, and the log announces it. */
export const expectAtLeastOnce = (t: TestContext, cluster: Cluster, fault: Fault): Promise<void> =>
  expectNoLoss(t, cluster, fault, { mayRepeat: true });

/**
 * Deletes the queue and declares it as `next`, if that is given. What a deleted queue held is gone with it: so it is
 * emptied first, while the orders stand still.
 */
export async function replaceQueue({ broker, orders }: Cluster, next?: Options.AssertQueue): Promise<void> {
  const queue = await TestQueue.open(broker.url, "orders_queue");
  // With what is delivered and not acked yet.
  const isEmpty = async () => /^orders_queue\s+0$/m.test(await broker.ctl("list_queues", "name", "messages"));
  for (const service of orders) await service.freeze();
  await waitUntil(isEmpty, { what: "the queue is empty", deadlineMs: 30_000 });
  // At once: a consumer whose queue is gone declares it again within moments.
  const deleted = queue.channel.deleteQueue(queue.name);
  await Promise.all([deleted, next && queue.channel.assertQueue(queue.name, next)]);
  for (const service of orders) await service.thaw();
  await queue.close();
}
