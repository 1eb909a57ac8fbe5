import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root, upFolder } from "../runtime/paths.js";
import { UserError } from "../runtime/user_error.js";
import { chooseBrokers, chooseTrace } from "./record.js";
import { replicasOf } from "./services.js";

/** There while more than one of each service is up: docker compose reads it beside the others. */
export const replicasFile = join(upFolder, "docker-compose.replicas.json");

/**
 * The second and further replicas as services of their own: like the first in docker-compose.yml, but for the port on
 * this machine. What `--scale` starts would need ranges of ports, and those of the services stand side by side.
 */
export function replicasComposeFile(count: number, hosts: readonly string[], overlays: readonly string[] = []): object {
  const file = read("docker-compose.yml");
  const overlaid = overlays.map((name) => Object(memberOf(read(name), "services")));
  const others = replicasOf(count).filter(({ service, name }) => name !== service.name);
  const services = others.map(({ service, name, port }) => {
    const first = memberOf(memberOf(file, "services"), service.name);
    const added = overlaid.map((overlay) => overlay[service.name]?.environment);
    const environment = Object.assign({}, memberOf(first, "environment"), ...added);
    const [published] = Object.values(memberOf(first, "ports"));
    const inside = String(published).split(":").at(-1);
    return [name, { ...first, environment, ports: hosts.map((host) => `${host}:${port}:${inside}`) }];
  });
  return { services: Object.fromEntries(services) };
}

/** The compose files that `make up` adds for `brokers=3` and `trace=1`. */
export const chosenOverlays = (): readonly string[] => [
  ...(chooseBrokers() === 3 ? ["deploy/compose/cluster.yml"] : []),
  ...(chooseTrace() ? ["deploy/compose/tracing.yml"] : []),
];

/** Makes the file for so many replicas, or removes it where one of each is enough. */
export function writeReplicasFile(count: number, hosts: readonly string[]): void {
  forgetReplicas();
  if (count === 1) return;
  mkdirSync(upFolder, { recursive: true });
  writeFileSync(replicasFile, JSON.stringify(replicasComposeFile(count, hosts, chosenOverlays()), undefined, 2));
}

export function forgetReplicas(): void {
  rmSync(replicasFile, { force: true });
}

/** Tags such as !reset mean something to docker compose alone. */
const read = (name: string): unknown =>
  parse(readFileSync(join(root, name), "utf8"), { merge: true, logLevel: "error" });

function memberOf(value: unknown, name: string): object {
  const found = Object.entries(Object(value)).find(([key]) => key === name)?.[1];
  if (typeof found !== "object" || found === null) throw new UserError(`docker-compose.yml has no ${name}`);
  return found;
}
