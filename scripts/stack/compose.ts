import { execa } from "execa";
import { Failure, lastLines } from "../runtime/failure.js";
import { root } from "../runtime/paths.js";
import { assertFree } from "../runtime/ports.js";
import { waitUntil } from "../runtime/wait.js";
import { isReady, services } from "./services.js";
import { portOf } from "./settings.js";
import { runSteps, type Step } from "./steps.js";

/** The names that docker-compose.yml gives to what is not a service of ours. */
export const composeServers = ["mongodb", "rabbitmq"] as const;
const serverPorts = { mongodb: "MONGODB_PORT", rabbitmq: "RABBITMQ_PORT" } as const;
export const managementPort = 15_672;

/** Runs docker compose for this project and returns what it prints on standard output. */
export async function compose(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa("docker", ["compose", ...args], { cwd: root, all: true, stdin: "ignore" });
  return stdout;
}

/** Runs docker compose with this terminal, until it ends. */
export async function composeShown(...args: readonly string[]): Promise<void> {
  await execa("docker", ["compose", ...args], { cwd: root, stdio: "inherit", reject: false });
}

/** The compose services that run now. */
export async function runningContainers(): Promise<readonly string[]> {
  const names = await compose("ps", "--services", "--status", "running");
  return names.split("\n").filter((name) => name !== "");
}

/** Throws a `Failure` for the first port that somebody else has. */
export async function checkComposePorts(running: readonly string[]): Promise<void> {
  for (const { name, portVariable } of services)
    if (!running.includes(name)) await assertFree(portOf(portVariable), portVariable);
  for (const name of composeServers)
    if (!running.includes(name)) await assertFree(portOf(serverPorts[name]), serverPorts[name]);
}

/** Builds the images, starts the containers that are named (all, if none) and waits until they are healthy. */
export async function composeUp(...names: readonly string[]): Promise<void> {
  const run: Step["run"] = async (tell) => {
    const up = ["compose", "--progress", "plain", "up", "--detach", "--build", "--wait", ...names];
    const child = execa("docker", up, { cwd: root, all: true, stdin: "ignore" });
    try {
      for await (const line of child.iterable({ from: "all" })) tell(line);
      await child;
    } catch (error) {
      const log = await compose("logs", "--no-color", "--tail", "15").catch(() => "");
      const output = error instanceof Error ? error.message : String(error);
      throw new Failure("docker compose up failed", `${lastLines(output)}\n${log}`);
    }
    return "Images are built, containers are healthy";
  };
  await runSteps({ title: "docker compose up", run });
}

/** Waits for what a person on this machine reaches: the `/ready` of each service at its host port. */
export async function waitForServices(): Promise<void> {
  const steps = services.map(
    (service): Step => ({
      title: service.name,
      run: async () => {
        await waitUntil(() => isReady(service), { what: `${service.name} is ready`, deadlineMs: 60_000 });
        return `${service.name} is ready on port ${portOf(service.portVariable)}`;
      },
    }),
  );
  await runSteps(...steps);
}

/** Removes the containers that did not run before; the volumes, and so the data, stay. */
export async function composeUndo(before: readonly string[]): Promise<void> {
  if (before.length === 0) return void (await compose("down"));
  const started = (await runningContainers()).filter((name) => !before.includes(name));
  if (started.length > 0) await compose("rm", "--stop", "--force", ...started);
}
