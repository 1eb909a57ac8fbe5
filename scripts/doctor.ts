import { color } from "listr2";
import { type Check, fine, missing } from "./doctor/check.js";
import { machineChecks, portChecks } from "./doctor/machine.js";
import { type PlannedServer, planBroker, planDatabase } from "./doctor/servers.js";
import { toolChecks } from "./doctor/tools.js";
import { describe, UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { chooseRuntime, whatIsUp } from "./stack/runtime_choice.js";
import { services } from "./stack/services.js";
import { type PortVariable, setting } from "./stack/settings.js";

const marks = { fine: color.green("✔"), note: color.yellow("•"), missing: color.red("✖") };

async function doctor(): Promise<void> {
  const checks = [
    ...show("Tools", await toolChecks()),
    ...show("What make up does here", await upChecks()),
    ...show("This machine", await machineChecks()),
  ];
  const count = checks.filter(({ state }) => state === "missing").length;
  if (count > 0) throw new UserError(`Problems to fix: ${count}`);
  console.log("\nReady for make up.");
}

function show(title: string, checks: readonly Check[]): readonly Check[] {
  console.log(`\n${color.bold(title)}`);
  for (const { state, text, remedy } of checks) {
    console.log(`  ${marks[state]} ${text}`);
    if (remedy) console.log(remedy.replaceAll(/^/gm, "      "));
  }
  return checks;
}

async function upChecks(): Promise<readonly Check[]> {
  const up = await whatIsUp();
  try {
    const runtime = await chooseRuntime();
    const servers = runtime === "docker" ? dockerServers : await Promise.all([planDatabase(), planBroker()]);
    const ports = [...services.map(({ portVariable }) => portVariable), ...servers.flatMap(({ ports }) => ports)];
    const [what, chosen] = runtime === "docker" ? ["containers", "a"] : ["processes of this machine", "no"];
    const why = setting("runtime") ? `runtime=${runtime}` : `${chosen} Docker engine responds`;
    return [
      fine(`Runs ${what} (${up ? "it is up" : why})`),
      ...servers.map(({ check }) => check),
      ...(await portChecks(ports, up?.runtime)),
    ];
  } catch (error) {
    return [missing(describe(error), "See docs/commands.md")];
  }
}

const composePorts: readonly PortVariable[] = ["MONGODB_PORT", "RABBITMQ_PORT", "RABBITMQ_MANAGEMENT_PORT"];
const dockerServers: readonly PlannedServer[] = [
  { check: fine("MongoDB and RabbitMQ: those of docker-compose.yml"), ports: composePorts },
];

await main(doctor);
