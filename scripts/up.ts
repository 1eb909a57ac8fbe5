import {
  checkComposePorts,
  checkComposeUrls,
  composeUndo,
  composeUp,
  loginOf,
  runningContainers,
  waitForServices,
} from "./stack/compose.js";
import { checkServicePorts, startServers, startServices } from "./stack/embedded.js";
import { main, type Undo } from "./stack/main.js";
import { runningPids, stopProcesses } from "./stack/processes.js";
import { readRecord, removeRecord, writeRecord } from "./stack/record.js";
import { chooseRuntime } from "./stack/runtime_choice.js";
import { services } from "./stack/services.js";
import { portOf, setting } from "./stack/settings.js";

const wasUp = readRecord() !== undefined;
let undoStarted: Undo = async () => {};

async function up(): Promise<void> {
  const runtime = await chooseRuntime();
  await (runtime === "docker" ? upWithDocker() : upEmbedded());
  console.log(summary(runtime === "docker"));
}

async function upEmbedded(): Promise<void> {
  await checkServicePorts();
  const before = runningPids();
  undoStarted = () => stopProcesses(before);
  const servers = await startServers();
  await startServices(services, servers);
}

async function upWithDocker(): Promise<void> {
  checkComposeUrls();
  const before = await runningContainers();
  await checkComposePorts(before);
  undoStarted = () => composeUndo(before);
  writeRecord({ runtime: "docker" });
  await composeUp();
  await waitForServices();
}

function summary(docker: boolean): string {
  const [users, orders, notifications] = services.map(({ portVariable }) => `http://localhost:${portOf(portVariable)}`);
  const password = setting("RABBITMQ_PASSWORD") ? "RABBITMQ_PASSWORD" : loginOf("RABBITMQ_PASSWORD");
  return `
  Users          ${users}/users      docs: ${users}/docs
  Orders         ${orders}/orders     docs: ${orders}/docs
  Notifications  make logs s=notifications   health: ${notifications}/health${
    docker
      ? `\n  RabbitMQ       http://localhost:${portOf("RABBITMQ_MANAGEMENT_PORT")} (${loginOf("RABBITMQ_USER")}, ${password})`
      : ""
  }

Next: make test-flow   (then make ps, make logs, make down)`;
}

async function undo(): Promise<void> {
  await undoStarted();
  if (!wasUp) removeRecord();
}

await main(up, undo);
