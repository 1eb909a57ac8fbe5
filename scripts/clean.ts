import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDockerAvailable } from "./runtime/docker.js";
import { root, stateFolder } from "./runtime/paths.js";
import { UserError } from "./runtime/user_error.js";
import { composeClean } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { stopProcesses } from "./stack/processes.js";
import { services } from "./stack/services.js";
import { runSteps } from "./stack/steps.js";
import { liveRuns, removeAbandonedRuns } from "./stack/test_run.js";

async function clean(): Promise<string> {
  const [live] = liveRuns();
  if (live !== undefined) throw new UserError(`A command of this folder still runs (pid ${live}): stop it first`);
  await stopProcesses();
  await removeAbandonedRuns();
  if (await isDockerAvailable()) await composeClean();
  rmSync(stateFolder, { recursive: true, force: true });
  rmSync(join(root, "build"), { recursive: true, force: true });
  for (const name of ["common", ...services.map(({ name }) => name)]) cleanPackage(join(root, name));
  return "Stopped; data, logs and builds are removed (node_modules stays)";
}

function cleanPackage(folder: string): void {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  for (const file of readdirSync(folder)) if (file.endsWith(".tsbuildinfo")) rmSync(join(folder, file));
}

await main(() => runSteps({ title: "Cleaning", run: clean }));
