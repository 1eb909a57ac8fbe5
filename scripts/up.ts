import {
  checkComposePorts,
  checkComposeUrls,
  composeUp,
  loginOf,
  removeNewContainers,
  runningContainers,
  setReplicas,
  waitForServices,
} from "./stack/compose.js";
import { checkServicePorts, startServers, startServices } from "./stack/embedded.js";
import { type Cleanup, main } from "./stack/main.js";
import { runningPids, serviceProcesses, stopProcesses } from "./stack/processes.js";
import { chooseBrokers, chooseTrace, readRecord, removeRecord, writeRecord } from "./stack/record.js";
import { chooseReplicas, chooseRuntime } from "./stack/runtime_choice.js";
import { replicasOf } from "./stack/services.js";
import { portOf, setting } from "./stack/settings.js";

const wasUp = readRecord() !== undefined;
let undoStarted: Cleanup = async () => {};

async function up(): Promise<void> {
  const [runtime, count] = [await chooseRuntime(), chooseReplicas()];
  await (runtime === "docker" ? upWithDocker(count) : upEmbedded(count));
  console.log(summary(runtime === "docker", count));
}

async function upEmbedded(count: number): Promise<void> {
  const replicas = replicasOf(count);
  await checkServicePorts(replicas);
  const before = runningPids();
  undoStarted = () => stopProcesses(before);
  const servers = await startServers(count);
  await startServices(replicas, servers);
  const names = replicas.map(({ name }) => name);
  const others = serviceProcesses().filter(({ name }) => !names.includes(name));
  await Promise.all(others.map((child) => child.stop()));
}

async function upWithDocker(count: number): Promise<void> {
  checkComposeUrls();
  const before = await runningContainers();
  const replicas = replicasOf(count);
  await checkComposePorts(before, replicas);
  undoStarted = () => removeNewContainers(before);
  await setReplicas(count);
  writeRecord({ runtime: "docker", replicas: count, brokers: chooseBrokers(), trace: chooseTrace() });
  await composeUp();
  await waitForServices(replicas);
}

function summary(docker: boolean, count: number): string {
  const [users, orders, notifications] = (["USERS_PORT", "ORDERS_PORT", "NOTIFICATIONS_PORT"] as const).map(
    (variable) => `http://localhost:${portOf(variable)}`,
  );
  const others = replicasOf(count).filter(({ name }) => !/^(user|orders|notifications)_service$/.test(name));
  const password = setting("RABBITMQ_PASSWORD") ? "RABBITMQ_PASSWORD" : loginOf("RABBITMQ_PASSWORD");
  return `
  Users          ${users}/users    docs: ${users}/docs
  Orders         ${orders}/orders   docs: ${orders}/docs
  Notifications  make logs s=notifications  health: ${notifications}/health${
    docker
      ? `\n  RabbitMQ       http://localhost:${portOf("RABBITMQ_MANAGEMENT_PORT")} (${loginOf("RABBITMQ_USER")}, ${password})`
      : ""
  }${chooseTrace() ? `\n  Traces         ${docker ? "http://localhost:16686" : "make trace id=<order or request id>"}` : ""}${others.map(({ name, port }) => `\n  ${name.padEnd(24)} http://localhost:${port}`).join("")}

Next: make test-flow   (then make ps, make logs, make down)`;
}

async function cleanup(): Promise<void> {
  await undoStarted();
  if (!wasUp) removeRecord();
}

await main(up, { cleanup });
