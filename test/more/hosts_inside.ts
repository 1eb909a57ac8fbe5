import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceName, servicePorts } from "@order-flow/common/config/variables.js";
import { Cluster } from "../../scripts/chaos/cluster.js";
import { leaderOf, restart } from "../../scripts/chaos/cluster_faults.js";
import type { OrderLoad } from "../../scripts/chaos/order_load.js";
import { recovered } from "../../scripts/chaos/recovery.js";
import { RestartableService } from "../../scripts/chaos/restartable_service.js";
import { SilenceWatch } from "../../scripts/chaos/silence_watch.js";
import { embeddedCluster } from "../../scripts/runtime/broker_cluster.js";
import { brokerAnswers } from "../../scripts/runtime/clients.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { haproxyProgram, startHaproxy } from "../../scripts/runtime/haproxy.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { ownDatabase } from "../../scripts/runtime/servers.js";
import { expectNoLoss } from "../failures/experiment.js";
import { afterAll } from "../support/cleanup.js";
import { FaultProxy } from "../support/fault_proxy.js";
import { create } from "../support/users.js";
import { buildMachines, type NamespaceMachine, ownAddress, type Wire } from "./machines.js";

const cutMs = Number(process.env["seconds"] || 60) * 1_000;
const folder = testFolder("hosts");

let cluster: Cluster;
let machines: readonly NamespaceMachine[] = [];
let users: readonly RestartableService[] = [];

before(async () => {
  machines = await buildMachines(3);
  const database = await ownDatabase(folder);
  const broker = await embeddedCluster({
    folder: `${folder}/rabbitmq`,
    ports: [5672, 5672, 5672],
    machines: machines.map((machine) => machine.on("cluster")),
  });
  await Promise.all([database.start(), broker.start()]);
  // The database listens on this machine's loopback address alone.
  const way = await FaultProxy.inFrontOf(database.url, ownAddress("outside"));
  const env = { MONGODB_URI: way.url, RABBITMQ_URL: broker.url };
  const replicas = (service: ServiceName) =>
    machines.map((machine) => {
      const name = `${service}_${machine.name}`;
      const port = servicePorts[service];
      return new RestartableService({ service, name, folder, port, machine: machine.on("outside"), env });
    });
  cluster = new Cluster(database, broker, replicas("orders_service"), replicas("notifications_service"));
  users = replicas("user_service");
  await Promise.all([...cluster.services, ...users].map((service) => service.start()));
  await cluster.ready();
  // Clients know HAProxy alone.
  const [ordersPort, usersPort] = [await freePort(), await freePort()];
  const addresses = (services: readonly RestartableService[]) => services.map(({ url }) => new URL(url).host);
  const fronts = new Map([
    [ordersPort, addresses(cluster.orders)],
    [usersPort, addresses(users)],
  ]);
  const proxy = await startHaproxy((await haproxyProgram()) ?? "", folder, fronts);
  entrance = [{ url: `http://127.0.0.1:${ordersPort}` }];
  usersEntrance = { url: `http://127.0.0.1:${usersPort}` };
  afterAll(async () => {
    await Promise.all(users.map((service) => service.kill()));
    await cluster.remove();
    await proxy.stop();
  });
});

let entrance: readonly { readonly url: string }[] = [];
let usersEntrance: { readonly url: string };

/** What a fault did, in seconds: the longest time without a line, and until all are ready after it. */
async function measured(
  t: TestContext,
  url: string,
  fault: () => Promise<unknown>,
  heal: () => Promise<unknown>,
  load: OrderLoad,
) {
  const watch = new SilenceWatch(cluster.printed);
  await fault();
  await sleep(cutMs);
  assert.equal(await brokerAnswers(url), false, "the fault lasts");
  await recovered(cluster, load);
  assert.equal((await create(usersEntrance)).status, 201, "users are created meanwhile");
  const silence = watch.stop();
  await heal();
  const healed = performance.now();
  await cluster.ready();
  const seconds = (performance.now() - healed) / 1_000;
  t.diagnostic(`${silence.toFixed(1)} s without a line, all ready ${seconds.toFixed(1)} s after it`);
}

const cuts: readonly (readonly [string, readonly Wire[]])[] = [
  ["from the other brokers", ["cluster"]],
  ["from everything", ["cluster", "outside"]],
];
for (const [what, wires] of cuts)
  test(`When a machine is cut off ${what} and healed, then every order is printed, twice only if announced`, (t) =>
    expectNoLoss(
      t,
      cluster,
      async (load) => {
        const [machine, node] = [machines[0], cluster.nodes[0]];
        assert.ok(machine && node);
        const cut = () => machine.cut(...wires);
        const heal = () => machine.heal(...wires);
        await measured(t, node.url, cut, heal, load);
        // RabbitMQ 3.10 does not always start again by itself after a pause.
        await restart(cluster, node);
      },
      { mayRepeat: true, entrance },
    ));

test("When a machine is killed whole and started again, then every order is printed, twice only if announced", (t) =>
  expectNoLoss(
    t,
    cluster,
    async (load) => {
      const [machine, node] = [machines[1], cluster.nodes[1]];
      assert.ok(machine && node);
      const services = [cluster.orders[1], cluster.notifications[1], users[1]];
      const kill = async () => {
        await machine.cut("cluster", "outside");
        await Promise.all([node.kill(), ...services.map((service) => service?.kill())]);
      };
      const start = async () => {
        await machine.heal("cluster", "outside");
        await Promise.all([node.start(), ...services.map((service) => service?.start())]);
      };
      await measured(t, node.url, kill, start, load);
      await leaderOf(cluster);
    },
    { mayRepeat: true, entrance },
  ));

test("When a machine has a slow link, then every order is printed once", (t) =>
  expectNoLoss(
    t,
    cluster,
    async (load) => {
      const machine = machines[2];
      const way = await machine?.slow("cluster");
      if (way === undefined) return t.skip("the kernel has neither netem nor tbf");
      t.diagnostic(`slow by tc's ${way}`);
      await load.acceptsMore(300);
      await machine?.speedUp("cluster");
    },
    { entrance },
  ));
