import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { isRunning, readPidFile } from "../../scripts/runtime/pid_file.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { uniqueName } from "./services.js";

/** Where not, why a test that starts servers as processes is skipped: they would have to be installed. */
export const notEmbedded = ["mongodb", "rabbitmq"].every((name) => existsSync(testFolder(name)))
  ? false
  : "the tests' own servers are not embedded ones";

/** The compiled script that a target of the Makefile calls. */
export const scriptFile = (name: string, checkout = root): string => join(checkout, `build/scripts/${name}.js`);

/** Runs what a target of the Makefile calls. */
export const runScript = (name: string, env: NodeJS.ProcessEnv = {}, checkout = root) =>
  execa(process.execPath, [scriptFile(name, checkout)], { env, all: true, reject: false });

/** A checkout with the compiled scripts alone, and a state and a `.env` of its own. */
export function scriptsAlone(): string {
  const folder = testFolder(uniqueName("checkout"));
  mkdirSync(folder, { recursive: true });
  for (const part of ["build/scripts", "package.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** The processes that are remembered somewhere in `folder`, and run. */
export function pidsIn(folder: string): readonly number[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".pid.json"));
  const records = files.map((file) => readPidFile(join(folder, file)));
  return records.flatMap((found) => (found && isRunning(found) ? [found.pid] : []));
}
