import { execa } from "execa";
import { brokerAnswers, databaseAnswers } from "./clients.js";
import { freePort } from "./free_port.js";
import type { BrokerHandle, ServerHandle } from "./handle.js";
import { runFolder } from "./run_folder.js";
import { lastLines } from "./user_error.js";
import { waitUntil } from "./wait.js";

/** Whether a Docker engine answers, and `docker compose` is there: some systems package it apart. */
export async function isDockerAvailable(): Promise<boolean> {
  const works = async (...args: readonly string[]) =>
    !(await execa("docker", args, { reject: false, timeout: 5_000, stdio: "ignore" })).failed;
  const answers = await Promise.all([works("info"), works("compose", "version")]);
  return answers.every(Boolean);
}

const runLabel = "order_flow.run";

/** Removes the containers that a run has started, where an engine answers. */
export async function removeContainersOf(folder: string): Promise<void> {
  const filter = ["--filter", `label=${runLabel}=${folder}`];
  const { stdout } = await execa("docker", ["ps", "--all", "--quiet", ...filter], { reject: false, timeout: 5_000 });
  const ids = stdout?.split("\n").filter(Boolean) ?? [];
  if (ids.length > 0) await execa("docker", ["rm", "--force", "--volumes", ...ids]);
}

interface Container {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly answers: (url: string) => Promise<boolean>;
  /** Of docker run: the ports, what else, and the image. */
  readonly options: readonly string[];
}

function containerHandle({ name, kind, url, answers, options }: Container): ServerHandle {
  const docker = (...args: string[]) => execa("docker", args, { all: true });
  const exists = async () => (await execa("docker", ["inspect", name], { reject: false })).exitCode === 0;
  const start = async () => {
    const own = ["--name", name, "--label", `${runLabel}=${runFolder()}`];
    if (await exists()) await docker("start", name);
    else await docker("run", "--detach", ...own, "--publish", ...options);
    const log = async () => lastLines((await docker("logs", "--tail", "20", name)).all);
    await waitUntil(() => answers(url), { what: `${kind} is ready`, deadlineMs: 60_000, log });
  };
  const act = (verb: string) => async () => {
    await docker(verb, name);
  };
  const stop = async () => {
    if (await exists()) await docker("stop", name);
  };
  const remove = async () => {
    if (await exists()) await docker("rm", "--force", "--volumes", name);
  };
  return { kind, url, start, stop, kill: act("kill"), freeze: act("pause"), thaw: act("unpause"), remove };
}

/** MongoDB in a container of its own. */
export async function dockerDatabase(name: string): Promise<ServerHandle> {
  const port = await freePort();
  return containerHandle({
    name,
    kind: "MongoDB (mongo:8 container)",
    url: `mongodb://127.0.0.1:${port}/`,
    answers: databaseAnswers,
    options: [`127.0.0.1:${port}:27017`, "mongo:8"],
  });
}

/** RabbitMQ in a container of its own. */
export async function dockerBroker(name: string): Promise<BrokerHandle> {
  const port = await freePort();
  const handle = containerHandle({
    name,
    kind: "RabbitMQ (rabbitmq:4-management container)",
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    answers: brokerAnswers,
    // Its data folder is named after the host.
    options: [`127.0.0.1:${port}:5672`, "--hostname", "rabbitmq", "rabbitmq:4-management"],
  });
  const ctl = async (...args: readonly string[]) =>
    (await execa("docker", ["exec", name, "rabbitmqctl", ...args], { all: true })).stdout;
  return { ...handle, ctl };
}
