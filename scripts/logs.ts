import { execa } from "execa";
import { composeShown } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { prefixed } from "./stack/prefix.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { processOf, replicasOf, serviceNamed } from "./stack/services.js";
import { setting } from "./stack/settings.js";

/** The services, or the one that `s` names; the database and the broker have logs too. */
function chosenProcesses(count: number, name: string | undefined) {
  if (!name) return replicasOf(count).map(processOf);
  const server = serverProcesses().find((child) => child.name === name);
  return server ? [server] : replicasOf(count, [serviceNamed(name)]).map(processOf);
}

async function follow(count: number): Promise<void> {
  const shown = chosenProcesses(count, setting("s")).flatMap(({ name, outLog, errorLog }, index) =>
    [outLog, errorLog].map((file) => {
      const tail = execa("tail", ["-n", "30", "-F", file], { reject: false });
      return prefixed(name, index, tail.iterable());
    }),
  );
  await Promise.all(shown);
}

async function logs(): Promise<void> {
  const name = setting("s");
  const { runtime, replicas: count } = await upRecord();
  if (runtime === "embedded") return follow(count);
  const services = replicasOf(count).filter(({ service }) => !name || [service.short, service.name].includes(name));
  // What is no service of ours is a name for docker compose: mongodb, rabbitmq.
  const chosen = services.length > 0 || !name ? services.map((replica) => replica.name) : [name];
  await composeShown("logs", "--follow", "--tail", "30", ...chosen);
}

await main(logs, { untilStopped: true });
