import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import { connect } from "amqplib";
import { rabbitmqFor, together } from "./broker.js";
import { BrokerNode, NameService, versionOf } from "./broker_node.js";
import type { BrokerHandle } from "./handle.js";
import { type Machine, thisMachine } from "./processes.js";

export interface ClusterHandle extends BrokerHandle {
  readonly nodes: readonly BrokerNode[];
}

/** How nodes of a cluster on this machine are called, as processes. */
export const clusterNodes = ["rabbitmq_1", "rabbitmq_2", "rabbitmq_3"] as const;

interface ClusterOptions {
  readonly folder: string;
  readonly ports: readonly number[];
  readonly queue?: string;
  /** One a node; all are on this one if left out. */
  readonly machines?: readonly Machine[];
}

/** A cluster of three nodes as processes, in which `queue` and the queue of its dead letters are quorum queues. */
export async function embeddedCluster(options: ClusterOptions): Promise<ClusterHandle> {
  const { folder, ports, queue = "orders_queue", machines } = options;
  const programs = await rabbitmqFor(folder);
  const isVersion3 = versionOf(programs).startsWith("3.");
  const ofThis = new NameService(programs.epmd, folder);
  const names = machines?.map((machine) => new NameService(programs.epmd, folder, machine)) ?? [ofThis];
  const peers = clusterNodes.map((name, index) =>
    machines ? `order_flow@${machines[index]?.host}` : `order_flow_${name.at(-1)}@localhost`,
  );
  const settings = [
    "loopback_users = none",
    "cluster_formation.peer_discovery_backend = classic_config",
    ...peers.map((peer, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${peer}`),
    // Without Khepri, the default before 4.2, both sides of a partition would go on.
    "cluster_partition_handling = pause_minority",
    ...(isVersion3 ? ["cluster_formation.discovery_retry_limit = 1"] : []),
  ];
  const [first, second, third] = clusterNodes.map((name, index) => {
    const [erlangName = "", port = 0] = [peers[index], ports[index]];
    const [own = ofThis, machine = thisMachine] = [names[index], machines?.[index]];
    return new BrokerNode({ programs, names: own, folder, port, name, erlangName, settings, machine });
  });
  if (!first || !second || !third) throw new Error("three nodes");
  const cluster = together(names, folder, first, second, third);
  return {
    ...cluster,
    kind: `three nodes of ${cluster.kind}`,
    nodes: [first, second, third],
    start: async () => {
      shareCookie(folder);
      await cluster.start();
      await first.ctl("await_online_nodes", "3", "--timeout", "60");
      await declareQuorumQueues(first.url, queue, deadLetterQueue(queue));
      await keepOrders(first, queue, isVersion3);
    },
  };
}

/**
 * The policies without which a quorum queue drops a message whose consumer's connection was lost 20 times. RabbitMQ 3 has
 * no limit unless one is set, and does not know -1.
 */
export async function keepOrders({ ctl }: Pick<BrokerNode, "ctl">, queue: string, isVersion3: boolean): Promise<void> {
  const kept = { overflow: "reject-publish", ...(isVersion3 ? {} : { "delivery-limit": -1 }) };
  const letters = deadLetterQueue(queue);
  const toLetters = {
    "dead-letter-exchange": "",
    "dead-letter-routing-key": letters,
    "dead-letter-strategy": "at-least-once",
  };
  for (const [name, policy] of Object.entries({ [queue]: { ...kept, ...toLetters }, [letters]: kept })) {
    const pattern = `^${name.replaceAll(".", "\\.")}$`;
    await ctl("set_policy", "--priority", "1", "--apply-to", "queues", name, pattern, JSON.stringify(policy));
  }
}

async function declareQuorumQueues(url: string, ...queues: readonly string[]): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of queues) await channel.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  await connection.close();
}

/** Nodes that start at once would each make their own. */
function shareCookie(folder: string): void {
  const file = join(folder, ".erlang.cookie");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { mode: 0o400 });
}
