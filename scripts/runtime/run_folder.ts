import { mkdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testsFolder } from "./paths.js";
import { writePidFile } from "./pid_file.js";

/** In the folder of a run: the process that owns it. No other process touches the folder while the owner is running. */
export const ownerFile = "owner.json";

let made: string | undefined;

/** The folder of this run, or of the `make test` that this process is a part of, for all that is started in it. */
export function runFolder(): string {
  made ??= process.env["TEST_STATE_DIR"] || makeRunFolder();
  return made;
}

/** A folder for what one test file, or one command, starts: what still runs there when the run ends is killed. */
export const testFolder = (name: string): string => join(runFolder(), name);

function makeRunFolder(): string {
  const folder = join(testsFolder, `${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writePidFile(join(folder, ownerFile), process.pid);
  process.once("exit", () => removeIfEmpty(folder));
  return folder;
}

/** Only then: the folder of a run that could not stop its processes is how others find them. */
function removeIfEmpty(folder: string): void {
  try {
    rmSync(join(folder, ownerFile));
    rmdirSync(folder);
  } catch {
    // The run has removed it, or has left something.
  }
}
