import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startedAt } from "../runtime/identity.js";
import { testsFolder } from "../runtime/paths.js";
import { BackgroundProcess } from "../runtime/processes.js";

/** The folder of this test run; its name says whose it is. */
export const runFolder = join(testsFolder, `${process.pid}`);

/** Stops and removes what runs left behind that were killed. */
export async function removeAbandonedRuns(): Promise<void> {
  for (const name of foldersIn(testsFolder)) {
    if (startedAt(Number(name)) !== undefined && Number(name) !== process.pid) continue;
    await removeRun(join(testsFolder, name));
  }
}

/** Kills every process with a pid file in the folder, then removes it. */
export async function removeRun(folder: string): Promise<void> {
  await killAll(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Kills every process with a pid file in the folder. */
export async function killAll(folder: string): Promise<void> {
  const pidFile = ".pid.json";
  for (const entry of entriesOf(folder)) {
    if (!entry.name.endsWith(pidFile)) continue;
    await new BackgroundProcess(entry.parentPath, entry.name.slice(0, -pidFile.length)).kill();
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}
