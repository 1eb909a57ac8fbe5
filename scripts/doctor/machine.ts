import { mkdirSync, statfsSync } from "node:fs";
import { root, stateFolder } from "../runtime/paths.js";
import { ownerOf } from "../runtime/port_owner.js";
import { hasLoopback6, isTaken } from "../runtime/ports.js";
import { serverRunsOn } from "../stack/processes.js";
import type { StackRecord } from "../stack/record.js";
import { replicasOf, runsOnItsPort } from "../stack/services.js";
import { type PortVariable, portOf } from "../stack/settings.js";
import { type Check, fine, missing, note } from "./check.js";

/** The ports that `make up` takes: free, ours, or whose. */
export async function portChecks(
  variables: readonly PortVariable[],
  up: StackRecord["runtime"] | undefined,
): Promise<readonly Check[]> {
  const ours = (name: PortVariable) => up === "docker" || (up === "embedded" && isOurs(name));
  return Promise.all(variables.map((name) => portCheck(name, ours(name))));
}

async function portCheck(variable: PortVariable, ours: boolean): Promise<Check> {
  const port = portOf(variable);
  if (!(await isTaken(port))) return fine(`${port} is free (${variable})`);
  if (ours) return fine(`${port} is taken by what make up has started (${variable})`);
  const text = `${port} is taken by ${(await ownerOf(port)) ?? "a process that is not visible from here"}`;
  return missing(text, `Stop it, or choose another port: ${variable}=${port + 100} make up`);
}

function isOurs(variable: PortVariable): boolean {
  const replica = replicasOf(1).find(({ service }) => service.portVariable === variable);
  if (replica) return runsOnItsPort(replica);
  return serverRunsOn(variable === "MONGODB_PORT" ? "mongodb" : "rabbitmq", portOf(variable));
}

const neededMegabytes = 1_500;

/** Disk and network, as far as they have made trouble. */
export async function machineChecks(): Promise<readonly Check[]> {
  mkdirSync(stateFolder, { recursive: true });
  const { bavail, bsize } = statfsSync(stateFolder);
  const megabytes = Math.floor((bavail * bsize) / 1e6);
  const disk = `${megabytes} MB are free where .state/ is`;
  return [
    megabytes < neededMegabytes
      ? note(disk, `Packages, tools and data take up to ${neededMegabytes} MB; make clean frees some of it`)
      : fine(disk),
    ...(/^[\x21-\x7e]+$/.test(root)
      ? []
      : [note("RabbitMQ can't watch the disk: the path has a space or a non-ASCII letter")]),
    (await hasLoopback6()) ? fine("localhost is 127.0.0.1 and ::1") : note("IPv6 is off: localhost is 127.0.0.1 alone"),
  ];
}
