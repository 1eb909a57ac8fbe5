import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { FaultProxy } from "../support/fault_proxy.js";
import { call } from "../support/http.js";
import { TestQueue } from "../support/queue.js";
import { uniqueName } from "../support/services.js";
import { expectNoLoss } from "./experiment.js";

let proxy: FaultProxy;

const cluster = await Cluster.start({
  replicas: 1,
  folder: testFolder("failures_network"),
  throughProxy: async (brokerUrl) => {
    const made = await FaultProxy.inFrontOf(brokerUrl);
    proxy = made.proxy;
    return made.url;
  },
});
afterAll(() => cluster.remove());

test("When connections are reset in the middle of publishing, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    for (let resets = 0; resets < 5; resets += 1) {
      proxy.reset();
      await load.acceptsMore(20);
    }
  }));

test("When the network swallows everything, then the silence is noticed and every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    proxy.mode = "swallow";
    // Nothing closes the connection: only missing heartbeats tell that it is dead.
    await waitUntil(brokerIsDown, { what: "orders_service gives the connection up", deadlineMs: 45_000 });
    await load.acceptsMore(40);
    proxy.mode = "pass";
    proxy.reset();
  }));

for (const bytes of [10, 600, 1_000])
  test(`When connections are dropped after ${bytes} bytes of the set-up, then it is tried again until it works`, (t) =>
    expectNoLoss(t, cluster, async (load) => {
      proxy.mode = { hangUpAfterBytes: bytes };
      proxy.reset();
      await load.acceptsMore(100);
      proxy.mode = "pass";
    }));

test("When the connection is lost while a handler runs, then the message comes again and every order is printed once", async (t) => {
  const [queue, extra] = [await TestQueue.create(cluster.broker.url, "orders_queue"), uniqueName("extra")];
  await expectNoLoss(t, cluster, async () => {
    await cluster.database.freeze();
    await queue.order(extra);
    await waitUntil(() => logged("the inbox failed; retrying") > 0, { what: "a handler waits", deadlineMs: 30_000 });
    const connections = logged("rabbitmq connected");
    proxy.reset();
    const again = () => logged("rabbitmq connected") > connections;
    await waitUntil(again, { what: "the consumer is connected again", deadlineMs: 30_000 });
    await cluster.database.thaw();
    const printed = () => cluster.printed.read() > 0 && cluster.printed.times(extra) > 0;
    await waitUntil(printed, { what: "what the handler had is printed", deadlineMs: 60_000 });
  });

  assert.equal(cluster.printed.times(extra), 1);
});

/** How often the consumer's log has the message. */
function logged(message: string): number {
  const text = cluster.notifications.flatMap(({ errorLogs }) => errorLogs).map((file) => readFileSync(file, "utf8"));
  return text.join("").split(`"message":"${message}"`).length - 1;
}

async function brokerIsDown(): Promise<boolean> {
  const { body } = await call(`${cluster.orders[0]?.url}/ready`);
  return /"rabbitmq":\{"status":"down"/.test(JSON.stringify(body));
}
