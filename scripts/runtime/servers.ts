import { join } from "node:path";
import { embeddedBroker } from "./broker.js";
import { type ClusterHandle, clusterNodes, embeddedCluster } from "./broker_cluster.js";
import { brokerAnswers, databaseAnswers } from "./clients.js";
import { embeddedDatabase } from "./database.js";
import { dockerBroker, dockerDatabase, isDockerAvailable } from "./docker.js";
import { externalServer } from "./external.js";
import { freePort } from "./free_port.js";
import type { BrokerHandle, ServerHandle } from "./handle.js";

/** Whether servers for tests are containers: `runtime` decides, else whether an engine answers. */
async function useContainers(): Promise<boolean> {
  const runtime = process.env["runtime"];
  return runtime === "docker" || (runtime !== "embedded" && (await isDockerAvailable()));
}

let containers = 0;
const containerName = (what: string) => `order_flow_test_${what}_${process.pid}_${++containers}`;

/** A database of the caller's own on a free port, not started yet; what it keeps as a process stands in `folder`. */
export async function ownDatabase(folder: string): Promise<ServerHandle> {
  if (await useContainers()) return dockerDatabase(containerName("mongodb"));
  return embeddedDatabase(join(folder, "mongodb"), await freePort());
}

/** A broker of the caller's own on a free port, not started yet; what it keeps as a process stands in `folder`. */
export async function ownBroker(folder: string): Promise<BrokerHandle> {
  if (await useContainers()) return dockerBroker(containerName("rabbitmq"));
  return embeddedBroker(join(folder, "rabbitmq"), await freePort());
}

/** A cluster of the caller's own on free ports, as processes, not started yet. */
export async function ownBrokerCluster(folder: string): Promise<ClusterHandle> {
  const ports = await Promise.all(clusterNodes.map(() => freePort()));
  return embeddedCluster({ folder: join(folder, "rabbitmq"), ports });
}

/** The database that all tests share: TEST_MONGODB_URI if set, else an own one. */
export const sharedDatabase = async (folder: string): Promise<ServerHandle> =>
  given("MongoDB", "TEST_MONGODB_URI", databaseAnswers) ?? ownDatabase(folder);

/** The broker that all tests share: TEST_RABBITMQ_URL if set, else an own one. */
export const sharedBroker = async (folder: string): Promise<ServerHandle> =>
  given("RabbitMQ", "TEST_RABBITMQ_URL", brokerAnswers) ?? ownBroker(folder);

function given(kind: string, variable: string, answers: (url: string) => Promise<boolean>): ServerHandle | undefined {
  const url = process.env[variable];
  return url ? externalServer({ kind: `${kind} (${variable})`, url, variable, answers }) : undefined;
}
