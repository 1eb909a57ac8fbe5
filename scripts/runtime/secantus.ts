import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Failure } from "./failure.js";
import { toolsFolder } from "./paths.js";
import { onPath } from "./programs.js";
import { waitUntil } from "./wait.js";

export const secantusVersion = "0.7.0b3";
const venv = join(toolsFolder, `secantusdb-${secantusVersion}`);
const stamp = join(venv, "installed");

export const secantusInstalled = (): boolean => existsSync(stamp);

/** Installs SecantusDB in a private virtual environment, once, and returns its server program. */
export async function secantusServer(): Promise<string> {
  const lock = `${venv}.lock`;
  mkdirSync(toolsFolder, { recursive: true });
  // `make up` and `make test` may run side by side: one installs, the other waits for it.
  const free = () => secantusInstalled() || takeLock(lock);
  await waitUntil(free, {
    what: `SecantusDB is installed (by another run; if none is, remove ${lock})`,
    deadlineMs: 180_000,
  });
  try {
    if (!secantusInstalled()) await install();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return join(venv, "bin", "secantusd-py");
}

async function install(): Promise<void> {
  const python = await onPath("python3");
  if (python === undefined)
    throw new Failure(
      "MongoDB can't be started: install Docker, or mongod, or Python 3.9 or later; or set MONGODB_URI",
    );
  rmSync(venv, { recursive: true, force: true });
  try {
    await execa(python, ["-m", "venv", venv], { all: true });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `SecantusDB==${secantusVersion}`];
    await execa(join(venv, "bin", "python"), pip, { all: true });
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    throw error;
  }
  mkdirSync(stamp);
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
