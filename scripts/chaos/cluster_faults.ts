import { rm } from "node:fs/promises";
import type { BrokerNode } from "../runtime/broker_node.js";
import { waitUntil } from "../runtime/wait.js";
import type { Cluster } from "./cluster.js";

const queue = "orders_queue";

/** The node on which the queue's leader is, as all say; waits until all nodes take part in the queue. */
export async function leaderOf({ nodes }: Cluster): Promise<BrokerNode> {
  let leader: BrokerNode | undefined;
  const agreed = async () => {
    const asked = nodes.map((node) => node.ctl("list_queues", "name", "leader", "online").catch(() => ""));
    const rows = (await Promise.all(asked)).map((table) => new RegExp(`^${queue}\\s+(\\S+)\\s(.*)`, "m").exec(table));
    leader = nodes.find(({ erlangName }) => rows.every((row) => row?.[1] === erlangName));
    return leader !== undefined && nodes.every(({ erlangName }) => rows.every((row) => row?.[2]?.includes(erlangName)));
  };
  await waitUntil(agreed, { what: "all nodes take part in the queue", deadlineMs: 90_000 });
  return leader ?? Promise.reject(new Error("it was found"));
}

/** Closes the services' connections until all are on `node`. */
export async function moveTo(cluster: Cluster, node: BrokerNode): Promise<void> {
  const moved = async () => {
    const close = 'rabbit_networking:close_connection(Pid, <<"to another node">>)';
    const elsewhere = `[${close} || Pid <- rabbit_networking:connections(), node(Pid) =/= '${node.erlangName}']`;
    return (await node.ctl("eval", `${elsewhere}.`)).trim() === "[]";
  };
  await waitUntil(moved, { what: "all connections are on one node", deadlineMs: 90_000 });
  await cluster.ready();
}

/** Restarts all nodes, one after the other, each when the one before is back. */
export async function restartAll(cluster: Cluster): Promise<void> {
  for (const node of cluster.nodes) await restart(cluster, node);
}

/** Restarts a node, and waits until it takes part in the queue. */
export async function restart(cluster: Cluster, node: BrokerNode): Promise<void> {
  await node.stop();
  await node.start();
  await leaderOf(cluster);
}

/** Thaws a node. RabbitMQ 3 keeps the view of the cluster that it had before, so it is restarted. */
export async function thaw(cluster: Cluster, node: BrokerNode): Promise<void> {
  await node.thaw();
  await restart(cluster, node);
}

/** The node comes back without its data, as after the loss of its disk, and joins again. */
export async function replaceDisk(cluster: Cluster, node: BrokerNode): Promise<void> {
  const other = cluster.nodes.find((candidate) => candidate !== node);
  if (!other) throw new Error("a cluster of one");
  await node.kill();
  await rm(node.dataFolder, { recursive: true, force: true });
  await other.ctl("forget_cluster_node", node.erlangName);
  await node.start();
  // An empty node joins the cluster by itself, and no queue.
  await other.ctl("eval", `rabbit_quorum_queue:grow('${node.erlangName}', <<".*">>, <<".*">>, all).`);
  await leaderOf(cluster);
}
