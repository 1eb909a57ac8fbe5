import { composeDown } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { runningPids, stopProcesses } from "./stack/processes.js";
import { removeRecord } from "./stack/record.js";
import { whatIsUp } from "./stack/runtime_choice.js";
import { runSteps } from "./stack/steps.js";
import { removeAbandonedRuns } from "./stack/test_run.js";

async function down(): Promise<void> {
  const docker = (await whatIsUp())?.runtime === "docker";
  const count = runningPids().size;
  if (docker || count > 0)
    await runSteps({ title: "Stopping", run: () => (docker ? downContainers() : downProcesses(count)) });
  removeRecord();
  const abandoned = await removeAbandonedRuns();
  if (abandoned > 0) console.log(`✔ ${abandoned} processes of commands that were killed are stopped`);
  else if (!docker && count === 0) console.log("Nothing is running.");
}

async function downContainers(): Promise<string> {
  await composeDown();
  return "Containers are stopped and removed; the data stays in its volumes (make clean removes it)";
}

async function downProcesses(count: number): Promise<string> {
  await stopProcesses();
  return `${count} processes are stopped; the data stays (make clean removes it)`;
}

await main(down);
