import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root, upFolder } from "../runtime/paths.js";
import { chooseBrokers, chooseTrace } from "./record.js";
import { replicasOf } from "./services.js";

/** There while more than one of each service is up: docker compose reads it beside the others. */
export const replicasFile = join(upFolder, "docker-compose.replicas.json");

/**
 * The second and further replicas as services of their own: like the first in docker-compose.yml, but for the port on
 * this machine. What `--scale` starts would need ranges of ports, and those of the services stand side by side.
 */
export function replicasComposeFile(count: number, hosts: readonly string[], overlays: readonly string[] = []): object {
  const first = services("docker-compose.yml");
  const overlaid = overlays.map(services);
  const others = replicasOf(count).filter(({ service, name }) => name !== service.name);
  const copies = others.map(({ service, name, port }) => {
    const environments = [first, ...overlaid].map((file) => file[service.name]?.environment);
    const inside = first[service.name]?.ports[0]?.split(":").at(-1);
    const ports = hosts.map((host) => `${host}:${port}:${inside}`);
    return [name, { ...first[service.name], environment: Object.assign({}, ...environments), ports }];
  });
  return { services: Object.fromEntries(copies) };
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

interface ComposeService {
  readonly environment: object;
  readonly ports: readonly string[];
}

/** Tags such as !reset mean something to docker compose alone. */
const services = (file: string): Readonly<Record<string, ComposeService | undefined>> =>
  parse(readFileSync(join(root, file), "utf8"), { merge: true, logLevel: "error" }).services;
