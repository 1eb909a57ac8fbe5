import { rm } from "node:fs/promises";
import type { BrokerNode } from "../runtime/broker_node.js";
import { waitUntil } from "../runtime/wait.js";
import type { Cluster } from "./cluster.js";

const queue = "orders_queue";

/** The node on which the queue's leader is, as another one, which must run, tells. */
export async function leaderOf({ nodes }: Cluster, asked = nodes[0]): Promise<BrokerNode> {
  const table = await asked?.ctl("list_queues", "name", "leader");
  const name = new RegExp(`^${queue}\\s+(\\S+)`, "m").exec(table ?? "")?.[1];
  return nodes.find(({ erlangName }) => erlangName === name) ?? Promise.reject(new Error(`no leader in ${table}`));
}

/** Waits until all nodes take part in the queue again, so that the next one may go. */
export async function whole({ nodes }: Cluster): Promise<void> {
  const online = async () => {
    const table = await nodes[0]?.ctl("list_queues", "name", "online").catch(() => "");
    return nodes.every(({ erlangName }) => new RegExp(`^${queue}\\s.*${erlangName}`, "m").test(table ?? ""));
  };
  await waitUntil(online, { what: "all nodes take part in the queue", deadlineMs: 90_000 });
}

/** Closes the services' connections until all are on `node`. */
export async function moveTo(fleet: Cluster, node: BrokerNode): Promise<void> {
  const moved = async () => {
    const close = 'rabbit_networking:close_connection(Pid, <<"to another node">>)';
    const elsewhere = `[${close} || Pid <- rabbit_networking:connections(), node(Pid) =/= '${node.erlangName}']`;
    return (await node.ctl("eval", `${elsewhere}.`)).trim() === "[]";
  };
  await waitUntil(moved, { what: "all connections are on one node", deadlineMs: 90_000 });
  await fleet.ready();
}

/** Restarts all nodes, one after the other, each when the one before is back. */
export async function restartAll(fleet: Cluster): Promise<void> {
  for (const node of fleet.nodes) {
    await node.stop();
    await node.start();
    await whole(fleet);
  }
}

/** The node comes back without its data, as after the loss of its disk, and joins again. */
export async function replaceDisk(fleet: Cluster, node: BrokerNode): Promise<void> {
  const other = fleet.nodes.find((candidate) => candidate !== node);
  if (!other) throw new Error("a cluster of one");
  await node.kill();
  await rm(node.dataFolder, { recursive: true, force: true });
  await other.ctl("forget_cluster_node", node.erlangName);
  await node.start();
  // An empty node joins the cluster by itself, and no queue.
  await other.ctl("eval", `rabbit_quorum_queue:grow('${node.erlangName}', <<".*">>, <<".*">>, all).`);
  await whole(fleet);
}
