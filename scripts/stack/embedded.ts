import { join } from "node:path";
import { embeddedBroker } from "../runtime/broker.js";
import { clusterNodes, embeddedCluster } from "../runtime/broker_cluster.js";
import { brokerAnswers, databaseAnswers, localBrokerUrl } from "../runtime/clients.js";
import { embeddedDatabase } from "../runtime/database.js";
import { externalServer } from "../runtime/external.js";
import { freePort } from "../runtime/free_port.js";
import type { BrokerHandle, ServerHandle } from "../runtime/handle.js";
import { root } from "../runtime/paths.js";
import { assertFree, isTaken } from "../runtime/ports.js";
import { UserError } from "../runtime/user_error.js";
import { ordersQueue } from "./dead_letters.js";
import { brokerFolder, databaseFolder, type ServerName, serverRunsOn, spanReceiver } from "./processes.js";
import { chooseBrokers, chooseTrace, writeRecord } from "./record.js";
import { portStep, type Replica, runsOnItsPort, type Servers, startReplica } from "./services.js";
import { type PortVariable, portOf, setting } from "./settings.js";
import { runReplicaSteps, runSteps, serverStep } from "./steps.js";

/** Throws a `UserError` for the first port of a service taken by another process. */
export async function checkServicePorts(replicas: readonly Replica[]): Promise<void> {
  // Of one that runs on another port too: the service that has this one would be taken for ours.
  for (const replica of replicas)
    if (!runsOnItsPort(replica)) await assertFree(replica.port, replica.service.portVariable);
}

/** Starts the database and the broker as processes, each at most once, and remembers where they are. */
export async function startServers(replicas = 1): Promise<Servers> {
  const [brokers, trace] = [chooseBrokers(), chooseTrace()];
  const found = new Map<string, ServerHandle>();
  const broker = serverStep("RabbitMQ", findBroker, found);
  await runSteps(serverStep("MongoDB", findDatabase, found), broker);
  const [mongodbUri, rabbitmqUrl] = [found.get("MongoDB")?.url ?? "", found.get("RabbitMQ")?.url ?? ""];
  const servers = { mongodbUri, rabbitmqUrl, otlpEndpoint: await (trace ? startSpanReceiver() : stopSpanReceiver()) };
  writeRecord({ runtime: "embedded", replicas, brokers, trace, ...servers });
  return servers;
}

export const startServices = (replicas: readonly Replica[], servers: Servers): Promise<void> =>
  runReplicaSteps(replicas, (replica) => startReplica(replica, servers));

const stopSpanReceiver = async () => void (await spanReceiver().stop());

async function startSpanReceiver(): Promise<string> {
  const child = spanReceiver();
  const port = child.fingerprint ?? `${await freePort()}`;
  const args = [join(root, "build/scripts/tracing/receive.js"), port];
  if (!child.running) child.start({ file: process.execPath, args, env: process.env, fingerprint: port });
  await child.waitUntilReady(() => isTaken(Number(port)), 30_000);
  return `http://127.0.0.1:${port}`;
}

async function findDatabase(): Promise<ServerHandle> {
  const url = setting("MONGODB_URI");
  const [kind, variable] = ["MongoDB given by MONGODB_URI", "MONGODB_URI"];
  if (url) return externalServer({ kind, url, variable, answers: databaseAnswers });
  await checkServerPort("mongodb", "MONGODB_PORT");
  return embeddedDatabase(databaseFolder, portOf("MONGODB_PORT"));
}

/** The broker of this system, or the cluster. */
export const findBroker = async (): Promise<ServerHandle | BrokerHandle> =>
  chooseBrokers() === 1 ? findSingleBroker() : findCluster();

async function findSingleBroker(): Promise<ServerHandle | BrokerHandle> {
  const given = setting("RABBITMQ_URL");
  const use = (kind: string, url: string) =>
    externalServer({ kind, url, variable: "RABBITMQ_URL", answers: brokerAnswers });
  if (given) return use("RabbitMQ given by RABBITMQ_URL", given);
  const port = portOf("RABBITMQ_PORT");
  const local = localBrokerUrl(port);
  if (!serverRunsOn("rabbitmq", port) && (await brokerAnswers(local)))
    return use(`RabbitMQ that already responds on localhost:${port}`, local);
  await checkServerPort("rabbitmq", "RABBITMQ_PORT");
  return embeddedBroker(brokerFolder, port);
}

/** Three nodes, on ports that are higher by ten each. */
async function findCluster(): Promise<BrokerHandle> {
  if (setting("RABBITMQ_URL"))
    throw new UserError("RABBITMQ_URL names a broker, and brokers=3 starts one: leave one out");
  const ports = clusterNodes.map((_, index) => portOf("RABBITMQ_PORT") + index * portStep);
  for (const [index, name] of clusterNodes.entries()) await checkServerPort(name, "RABBITMQ_PORT", ports[index]);
  return embeddedCluster({ folder: brokerFolder, ports, queue: ordersQueue });
}

async function checkServerPort(name: ServerName, variable: PortVariable, port = portOf(variable)): Promise<void> {
  if (!serverRunsOn(name, port)) await assertFree(port, variable);
}
