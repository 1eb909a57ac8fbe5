import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerNode } from "../runtime/broker_node.js";
import type { Cluster } from "./cluster.js";
import { leaderOf, replaceDisk, restartAll, thaw } from "./cluster_faults.js";
import type { RestartableService } from "./restartable_service.js";

/** Something bad that happens, and is over when the promise resolves. */
export interface Fault {
  readonly name: string;
  /** What it happens to: two faults at once must not have any of it in common. */
  readonly targets: readonly string[];
  happen(): Promise<void>;
}

/** Gives the next random number, from 0 to 1. */
type Dice = () => number;

type Card = (cluster: Cluster, dice: Dice) => Fault;

const serverFault =
  (name: "broker" | "database", kind: "kill" | "freeze"): Card =>
  (cluster, dice) => {
    const pauseMs = shortPause(dice);
    const happen = async () => {
      await cluster[name][kind]();
      await sleep(pauseMs);
      await (kind === "kill" ? cluster[name].start() : cluster[name].thaw());
    };
    return { name: `${name} ${kind}`, targets: [name], happen };
  };

const serviceFault =
  (kind: "kill" | "freeze" | "stop", of: (cluster: Cluster) => readonly RestartableService[]): Card =>
  (cluster, dice) => {
    const pauseMs = shortPause(dice);
    const service = oneOf(of(cluster), dice);
    const happen = async () => {
      await service[kind]();
      await sleep(pauseMs);
      await (kind === "freeze" ? service.thaw() : service.start());
    };
    return { name: `${service.name} ${kind}`, targets: [service.name], happen };
  };

/** Nobody takes messages off the queue: what it has confirmed, only its disk can keep. */
const brokerKilledFull: Card = ({ broker, notifications }, dice) => {
  const pauseMs = shortPause(dice);
  const happen = async () => {
    await Promise.all(notifications.map((service) => service.freeze()));
    await sleep(pauseMs);
    await broker.kill();
    await Promise.all(notifications.map((service) => service.thaw()));
    await broker.start();
  };
  return { name: "full broker kill", targets: ["broker", ...notifications.map(({ name }) => name)], happen };
};

/** It dies with its hands full: it has taken what came while it was frozen, and waits for the database to print it. */
const consumerKilledBusy: Card = ({ database, notifications }, dice) => {
  // Long enough that a slow machine, too, brings it messages and lets it begin.
  const [pauseMs, busyMs] = [1_000 + shortPause(dice), 1_000 + shortPause(dice)];
  const service = oneOf(notifications, dice);
  const happen = async () => {
    await service.freeze();
    await sleep(pauseMs);
    await database.freeze();
    await service.thaw();
    await sleep(busyMs);
    await service.kill();
    await database.thaw();
    await service.start();
  };
  return { name: `busy ${service.name} kill`, targets: [service.name, "database"], happen };
};

const orders = (cluster: Cluster) => cluster.orders;
const notifications = (cluster: Cluster) => cluster.notifications;

/** What happens to nodes of a cluster, until all of them take part in the queue again. */
const clusterFault =
  (name: string, happen: (cluster: Cluster, dice: Dice) => Promise<void>): Card =>
  (cluster, dice) => ({ name, targets: ["broker"], happen: () => happen(cluster, dice) });

/** Kills nodes for a while. */
async function killNodes(cluster: Cluster, nodes: readonly BrokerNode[], pauseMs: number): Promise<void> {
  await Promise.all(nodes.map((node) => node.kill()));
  await sleep(pauseMs);
  await Promise.all(nodes.map((node) => node.start()));
  await leaderOf(cluster);
}

const ofBroker = [serverFault("broker", "kill"), serverFault("broker", "freeze"), brokerKilledFull];

const ofCluster = [
  brokerKilledFull,
  clusterFault("node kill", (cluster, dice) => killNodes(cluster, [oneOf(cluster.nodes, dice)], shortPause(dice))),
  clusterFault("leader kill", async (cluster, dice) => killNodes(cluster, [await leaderOf(cluster)], shortPause(dice))),
  clusterFault("two nodes kill", (cluster, dice) => {
    const kept = oneOf(cluster.nodes, dice);
    const others = cluster.nodes.filter((node) => node !== kept);
    return killNodes(cluster, others, 5_000 + shortPause(dice));
  }),
  clusterFault("node freeze", async (cluster, dice) => {
    const node = oneOf(cluster.nodes, dice);
    await node.freeze();
    // Sometimes longer than the other nodes wait for it.
    await sleep(dice() * 15_000);
    await thaw(cluster, node);
  }),
  clusterFault("rolling restart", restartAll),
  clusterFault("node without its disk", (cluster, dice) => replaceDisk(cluster, oneOf(cluster.nodes, dice))),
];

/** Services more often than what they stand on. */
const ofOthers: readonly Card[] = [
  consumerKilledBusy,
  serverFault("database", "kill"),
  serverFault("database", "freeze"),
  ...[orders, notifications].flatMap((of) => [
    ...Array.from({ length: 4 }, () => serviceFault("kill", of)),
    serviceFault("freeze", of),
    serviceFault("stop", of),
  ]),
];

/** Deals faults in a random order: each of the cards once, then each of them again. */
export class FaultScheduler {
  readonly #cluster: Cluster;
  readonly #dice: Dice;
  readonly #cards: readonly Card[];
  #left: Card[] = [];
  /** Dealt already, and in the way of the one beside it. */
  #next: Fault | undefined;

  constructor(cluster: Cluster, dice: Dice) {
    this.#cluster = cluster;
    this.#dice = dice;
    this.#cards = [...(cluster.nodes.length > 0 ? ofCluster : ofBroker), ...ofOthers];
  }

  /** Deals one fault; one time in eight two at once. */
  deal(): readonly Fault[] {
    const first = this.#next ?? this.#draw();
    this.#next = undefined;
    if (this.#dice() > 1 / 8) return [first];
    const second = this.#draw();
    if (!second.targets.some((target) => first.targets.includes(target))) return [first, second];
    this.#next = second;
    return [first];
  }

  #draw(): Fault {
    if (this.#left.length === 0) this.#left = [...this.#cards];
    const [card] = this.#left.splice(Math.floor(this.#dice() * this.#left.length), 1);
    if (!card) throw new Error("no card is left");
    return card(this.#cluster, this.#dice);
  }
}

const shortPause = (dice: Dice): number => 200 + dice() * 1_800;

function oneOf<T>(all: readonly T[], dice: Dice): T {
  const one = all[Math.floor(dice() * all.length)];
  if (one === undefined) throw new Error("there is none");
  return one;
}
