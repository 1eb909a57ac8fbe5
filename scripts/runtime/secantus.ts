import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Failure } from "./failure.js";
import { withLock } from "./lock_file.js";
import { root, toolsFolder } from "./paths.js";
import { onPath } from "./programs.js";

export const secantusVersion = "0.7.0b3";
const venv = join(toolsFolder, `secantusdb-${secantusVersion}`);
const stamp = join(venv, "installed");
const requirements = join(root, "scripts/runtime/secantus_requirements.txt");

export const secantusInstalled = (): boolean => existsSync(stamp);

/** Installs SecantusDB in a private virtual environment, once, and returns its server program. */
export async function secantusServer(): Promise<string> {
  mkdirSync(toolsFolder, { recursive: true });
  // `make up` and `make test` may run side by side: one installs, the other waits for it.
  if (!secantusInstalled())
    await withLock(`${venv}.lock`, "SecantusDB is installed", 180_000, async () => {
      if (!secantusInstalled()) await install();
    });
  return join(venv, "bin", "secantusd-py");
}

/** Whether SecantusDB can be installed with it. */
export async function isUsablePython(python: string): Promise<boolean> {
  const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
  return !(await execa(python, ["-c", check], { reject: false })).failed;
}

async function usablePython(): Promise<string> {
  const python = await onPath("python3");
  if (python === undefined)
    throw new Failure(
      "MongoDB can't be started: install Docker, or mongod, or Python 3.10 or later; or set MONGODB_URI",
    );
  if (await isUsablePython(python)) return python;
  throw new Failure(
    `MongoDB can't be started: ${python} is older than 3.10, or without venv (Debian, Ubuntu: sudo apt-get install python3-venv)`,
  );
}

async function install(): Promise<void> {
  const python = await usablePython();
  rmSync(venv, { recursive: true, force: true });
  try {
    await execa(python, ["-m", "venv", venv], { all: true });
    // Each file by its hash, and none that would run a setup.py.
    const only = ["--require-hashes", "--only-binary", ":all:", "--requirement", requirements];
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...only];
    await execa(join(venv, "bin", "python"), pip, { all: true });
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(stamp, "");
}
