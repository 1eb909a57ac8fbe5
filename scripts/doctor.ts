import { color } from "listr2";
import { type Check, fine, missing } from "./doctor/check.js";
import { machineFindings, portFindings } from "./doctor/machine.js";
import { type Foreseen, foreseeBroker, foreseeDatabase } from "./doctor/servers.js";
import { toolFindings } from "./doctor/tools.js";
import { describe, UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { chooseRuntime, whatIsUp } from "./stack/runtime_choice.js";
import { services } from "./stack/services.js";
import { type PortVariable, setting } from "./stack/settings.js";

const marks = { fine: color.green("✔"), note: color.yellow("•"), missing: color.red("✖") };

async function doctor(): Promise<void> {
  const findings = [
    ...show("Tools", await toolFindings()),
    ...show("What make up does here", await upFindings()),
    ...show("This machine", await machineFindings()),
  ];
  const count = findings.filter(({ state }) => state === "missing").length;
  if (count > 0) throw new UserError(`${count} problems to fix`);
  console.log("\nReady for make up.");
}

function show(title: string, findings: readonly Check[]): readonly Check[] {
  console.log(`\n${color.bold(title)}`);
  for (const { state, text, remedy } of findings) {
    console.log(`  ${marks[state]} ${text}`);
    if (remedy) console.log(remedy.replaceAll(/^/gm, "      "));
  }
  return findings;
}

async function upFindings(): Promise<readonly Check[]> {
  const up = await whatIsUp();
  try {
    const runtime = await chooseRuntime();
    const servers = runtime === "docker" ? dockerServers : await Promise.all([foreseeDatabase(), foreseeBroker()]);
    const ports = [...services.map(({ portVariable }) => portVariable), ...servers.flatMap(({ ports }) => ports)];
    const [what, chosen] = runtime === "docker" ? ["containers", "a"] : ["processes of this machine", "no"];
    const why = setting("runtime") ? `runtime=${runtime}` : `${chosen} Docker engine responds`;
    return [
      fine(`Runs ${what} (${up ? "it is up" : why})`),
      ...servers.map(({ finding }) => finding),
      ...(await portFindings(ports, up?.runtime)),
    ];
  } catch (error) {
    return [missing(describe(error), "See docs/commands.md")];
  }
}

const composePorts: readonly PortVariable[] = ["MONGODB_PORT", "RABBITMQ_PORT", "RABBITMQ_MANAGEMENT_PORT"];
const dockerServers: readonly Foreseen[] = [
  { finding: fine("MongoDB and RabbitMQ: those of docker-compose.yml"), ports: composePorts },
];

await main(doctor);
