import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { UserError } from "./runtime/user_error.js";
import { compose, composeShown } from "./stack/compose.js";
import { linesAbout, linesOfLevel, shownLine } from "./stack/log_lines.js";
import { main } from "./stack/main.js";
import { prefixed } from "./stack/prefix.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { processOf, type Replica, replicasOf, serviceNamed, services } from "./stack/services.js";
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

/** All that the services have logged, also before they were started last. */
async function allLines(runtime: string, replicas: readonly Replica[]): Promise<readonly string[]> {
  if (runtime === "docker") {
    const text = await compose("logs", "--no-color", "--no-log-prefix", ...replicas.map(({ name }) => name));
    return text.split("\n");
  }
  const logFiles = replicas.map(processOf).flatMap(({ outLog, errorLog }) => [outLog, errorLog]);
  const files = logFiles.flatMap((file) => [`${file}.previous`, file]).filter(existsSync);
  return files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
}

async function logs(): Promise<void> {
  const [name, id, level] = [setting("s"), setting("id"), setting("level")];
  const { runtime, replicas: count } = await upRecord();
  if (id || level) {
    const lines = await allLines(runtime, replicasOf(count, name ? [serviceNamed(name)] : services));
    const found = id ? linesAbout(id, lines) : linesOfLevel(String(level), lines);
    if (id && found.length === 0) throw new UserError(`No line of the logs has the order or request id ${id}`);
    if (found.length === 0) console.log(`There are no lines of level ${level} or above`);
    for (const line of found) console.log(shownLine(line));
    return;
  }
  if (runtime === "embedded") return follow(count);
  const ours = replicasOf(count).filter(({ service }) => !name || [service.short, service.name].includes(name));
  // What is no service of ours is a name for docker compose: mongodb, rabbitmq.
  const chosen = ours.length > 0 || !name ? ours.map((replica) => replica.name) : [name];
  await composeShown("logs", "--follow", "--tail", "30", ...chosen);
}

await main(logs, { untilStopped: true });
