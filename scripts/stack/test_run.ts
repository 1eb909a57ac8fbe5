import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { removeContainersOf } from "../runtime/docker.js";
import { testsFolder } from "../runtime/paths.js";
import { isRunning, readPidFile } from "../runtime/pid_file.js";
import { BackgroundProcess } from "../runtime/processes.js";
import { ownerFile } from "../runtime/run_folder.js";

const pidFileEnd = ".pid.json";

/** The pids of commands (tests, chaos, benchmarks) that run now, with servers and services of their own. */
export function liveRuns(): readonly number[] {
  return runFolders().flatMap((folder) => {
    const owner = readPidFile(join(folder, ownerFile));
    return owner && isRunning(owner) && owner.pid !== process.pid ? [owner.pid] : [];
  });
}

/** Stops and removes what commands left behind that were killed. Returns how many processes that were. */
export async function removeAbandonedRuns(): Promise<number> {
  let stopped = 0;
  for (const folder of runFolders()) {
    const owner = readPidFile(join(folder, ownerFile));
    if (!owner || !isRunning(owner)) stopped += await removeRun(folder);
  }
  return stopped;
}

/** Kills every process with a pid file in the folder, and its containers; then removes it. Returns how many processes. */
export async function removeRun(folder: string): Promise<number> {
  const killed = await killAll(folder);
  await removeContainersOf(folder);
  rmSync(folder, { recursive: true, force: true });
  return killed;
}

/** Kills every process with a pid file in the folder. Returns how many did run. */
export async function killAll(folder: string): Promise<number> {
  const processes = entriesOf(folder)
    .filter(({ name }) => name.endsWith(pidFileEnd))
    .map(({ name, parentPath }) => new BackgroundProcess(parentPath, name.slice(0, -pidFileEnd.length)))
    .filter(({ running }) => running);
  for (const child of processes) await child.kill();
  return processes.length;
}

const runFolders = (): readonly string[] =>
  entriesOf(testsFolder, false)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(testsFolder, name));

function entriesOf(folder: string, recursive = true) {
  try {
    return readdirSync(folder, { recursive, withFileTypes: true });
  } catch {
    return [];
  }
}
