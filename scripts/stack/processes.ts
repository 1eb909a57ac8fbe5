import { join } from "node:path";
import { clusterNodes } from "../runtime/broker_cluster.js";
import { upFolder } from "../runtime/paths.js";
import { BackgroundProcess } from "../runtime/processes.js";
import { maxReplicas, processOf, replicasOf } from "./services.js";

export const databaseFolder = join(upFolder, "mongodb");
export const brokerFolder = join(upFolder, "rabbitmq");

/** A broker writes what it has in memory before it ends. */
const stopDeadlineMs = 30_000;

/** The services' processes: those that there may be, whether they run or not. */
export function serviceProcesses(): readonly BackgroundProcess[] {
  return replicasOf(maxReplicas).map(processOf);
}

export function serverProcesses(): readonly BackgroundProcess[] {
  return [
    new BackgroundProcess(databaseFolder, "mongodb"),
    ...["rabbitmq", ...clusterNodes].map((name) => new BackgroundProcess(brokerFolder, name)),
    spanReceiver(),
    nameService(),
  ];
}

/** Keeps the spans of the services, with trace=1. */
export const spanReceiver = () => new BackgroundProcess(upFolder, "span_receiver");

export type ServerName = "mongodb" | "rabbitmq" | (typeof clusterNodes)[number];

/** Whether our server of that name runs, and on this port. */
export function serverRunsOn(name: ServerName, port: number): boolean {
  return serverProcesses().some((child) => child.name === name && child.fingerprint === `${port}`);
}

const nameService = () => new BackgroundProcess(brokerFolder, "epmd");

/** The pids of all that runs now. */
export function runningPids(): ReadonlySet<number> {
  const pids = [...serviceProcesses(), ...serverProcesses()].map((child) => child.pid);
  return new Set(pids.filter((pid) => pid !== undefined));
}

/** Stops the services, then the servers, but for those whose pid is to be kept. */
export async function stopProcesses(keep: ReadonlySet<number> = new Set()): Promise<void> {
  // A broker without its name service starts another one, so that one goes last.
  for (const group of [serviceProcesses(), serverProcesses().slice(0, -1), [nameService()]]) {
    const others = group.filter(({ pid }) => pid !== undefined && !keep.has(pid));
    await Promise.all(others.map((child) => child.stop(stopDeadlineMs)));
  }
}
