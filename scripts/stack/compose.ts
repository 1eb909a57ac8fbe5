import { existsSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { root } from "../runtime/paths.js";
import { assertFree, hasLoopback6 } from "../runtime/ports.js";
import { lastLines, UserError } from "../runtime/user_error.js";
import { waitUntil } from "../runtime/wait.js";
import { chosenOverlays, forgetReplicas, replicasFile, writeReplicasFile } from "./compose_replicas.js";
import { isReady, type Replica, replicasOf, type Servers } from "./services.js";
import { portOf, setting } from "./settings.js";
import { runReplicaSteps, runSteps, type Step } from "./steps.js";

/** The names that docker-compose.yml gives to what is not a service of ours. */
export const composeServers = ["mongodb", "rabbitmq"] as const;
const serverPorts = {
  mongodb: ["MONGODB_PORT"],
  rabbitmq: ["RABBITMQ_PORT", "RABBITMQ_MANAGEMENT_PORT"],
} as const;

/** Who may use the database and the broker of docker-compose.yml, where nothing else is set. */
export const developmentLogins = {
  MONGODB_USER: "order_flow",
  MONGODB_PASSWORD: "development",
  RABBITMQ_USER: "guest",
  RABBITMQ_PASSWORD: "guest",
} as const;

/** Which images docker-compose.yml pulls; by default none, they are built. */
export const releasedImages = { IMAGE_REGISTRY: "", IMAGE_TAG: "" } as const;

export const loginOf = (variable: keyof typeof developmentLogins): string =>
  setting(variable) ?? developmentLogins[variable];

/** Where a process of this machine finds the database and the broker of docker-compose.yml. */
export function composeUrls(): Servers {
  const mongodbLogin = `${loginOf("MONGODB_USER")}:${loginOf("MONGODB_PASSWORD")}`;
  const rabbitmqLogin = `${loginOf("RABBITMQ_USER")}:${loginOf("RABBITMQ_PASSWORD")}`;
  return {
    mongodbUri: `mongodb://${mongodbLogin}@127.0.0.1:${portOf("MONGODB_PORT")}/?authSource=admin`,
    rabbitmqUrl: `amqp://${rabbitmqLogin}@127.0.0.1:${portOf("RABBITMQ_PORT")}`,
  };
}

/** Throws a `UserError` for a URL that is right for a process and wrong for a container. */
export function checkComposeUrls(): void {
  for (const name of ["MONGODB_URI", "RABBITMQ_URL"])
    if (/(\/\/|@|,)(localhost|127\.[\d.]+|\[::1\])([:/,?]|$)/.test(setting(name) ?? ""))
      throw new UserError(
        `${name} names this machine, and in a container that is the container itself: leave it out, and the one of docker-compose.yml is used (or run runtime=embedded make up)`,
      );
}

const quiet = { cwd: root, all: true, stdin: "ignore" } as const;

/** Runs docker compose for this project and returns what it prints on standard output. */
export async function compose(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa("docker", ["compose", ...(await fileOptions()), ...args], quiet);
  // Some versions put control characters before each line of a log, also where no terminal is.
  return stripVTControlCharacters(stdout);
}

/**
 * The options that name the files of docker compose: with a cluster of brokers and with more replicas where those are up,
 * and with the ports on [::1] where this machine has it.
 */
async function fileOptions(): Promise<readonly string[]> {
  const own = setting("COMPOSE_FILE")?.split(setting("COMPOSE_PATH_SEPARATOR") ?? delimiter);
  const files = own ?? ["docker-compose.yml", "docker-compose.override.yml"];
  if (!own) files.push(...chosenOverlays());
  if (!own && (await useLoopback6())) files.push("deploy/compose/ipv6.yml");
  return [...files, replicasFile].filter((file) => existsSync(resolve(root, file))).flatMap((file) => ["--file", file]);
}

/** Linux only: elsewhere the engine runs in a virtual machine, which maps [::1] itself. */
const useLoopback6 = async () => process.platform === "linux" && (await hasLoopback6());

/** Runs docker compose with this terminal, until it ends. */
export async function composeShown(...args: readonly string[]): Promise<void> {
  await execa("docker", ["compose", ...(await fileOptions()), ...args], { cwd: root, stdio: "inherit", reject: false });
}

/** The compose services that run now. */
export async function runningContainers(): Promise<readonly string[]> {
  const names = await compose("ps", "--services", "--status", "running");
  return names.split("\n").filter((name) => name !== "");
}

/** Sets the number of replicas for docker compose, and removes those beyond it. */
export async function setReplicas(count: number): Promise<void> {
  const wanted = replicasOf(count).map(({ name }) => name);
  const beyond = (await runningContainers()).filter((name) => /_\d+$/.test(name) && !wanted.includes(name));
  if (beyond.length > 0) await compose("rm", "--stop", "--force", ...beyond);
  writeReplicasFile(count, ["127.0.0.1", ...((await useLoopback6()) ? ["[::1]"] : [])]);
}

/** Stops and removes all containers, also those of overlays that are no longer chosen. */
export async function composeDown(...options: readonly string[]): Promise<void> {
  await compose("down", "--remove-orphans", ...options);
  forgetReplicas();
}

/** Removes the images and the volumes too; by the project's name, since overlays have volumes of their own. */
export async function composeClean(): Promise<void> {
  const { name }: { readonly name: string } = JSON.parse(await compose("config", "--format", "json"));
  await composeDown("--volumes", "--rmi", "local");
  await execa("docker", ["compose", "--project-name", name, "down", "--volumes"], quiet);
}

/** Throws a `UserError` for the first port taken by another process. */
export async function checkComposePorts(running: readonly string[], replicas: readonly Replica[]): Promise<void> {
  for (const { name, port, service } of replicas)
    if (!running.includes(name)) await assertFree(port, service.portVariable);
  for (const name of composeServers)
    if (!running.includes(name)) for (const variable of serverPorts[name]) await assertFree(portOf(variable), variable);
}

/**
 * Builds (or pulls) the images and starts the containers that are named (all, if none), each when what it needs is healthy. Options
 * of docker compose up may come before the names. Not with `--wait`: it gives up at once where a service is unhealthy
 * because its broker was away until now.
 */
export async function composeUp(...names: readonly string[]): Promise<void> {
  const run: Step["run"] = async (tell) => {
    const images = setting("IMAGE_TAG") ? "--no-build" : "--build";
    const up = ["--progress", "plain", "up", "--detach", images, ...names];
    const child = execa("docker", ["compose", ...(await fileOptions()), ...up], quiet);
    try {
      for await (const line of child.iterable({ from: "all" })) tell(line);
      await child;
    } catch (error) {
      const output = error instanceof Error ? error.message : String(error);
      throw new UserError("docker compose up failed", `${lastLines(output)}\n${await lastLogs()}`);
    }
    return `Images are ${setting("IMAGE_TAG") ? "pulled" : "built"}, containers are started`;
  };
  await runSteps({ title: "docker compose up", run });
}

/** Of the services that are named, or of all. */
const lastLogs = (...names: readonly string[]) =>
  compose("logs", "--no-color", "--tail", "15", ...names).catch(() => "");

/** Waits for what a person on this machine reaches: the `/ready` of each service at its host port. */
export const waitForServices = (replicas: readonly Replica[]): Promise<void> =>
  runReplicaSteps(replicas, (replica) => {
    const log = () => lastLogs(replica.name);
    return waitUntil(() => isReady(replica), { what: `${replica.name} is ready`, deadlineMs: 60_000, log });
  });

/** Removes the containers that did not run before; the volumes, and so the data, stay. */
export async function removeNewContainers(before: readonly string[]): Promise<void> {
  if (before.length === 0) return composeDown();
  const started = (await runningContainers()).filter((name) => !before.includes(name));
  if (started.length > 0) await compose("rm", "--stop", "--force", ...started);
}
