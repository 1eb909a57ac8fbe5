import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { toolsFolder } from "./paths.js";
import { waitUntil } from "./wait.js";

interface PythonTool {
  /** For people. */
  readonly title: string;
  /** Its name on PyPI. */
  readonly package: string;
  readonly version: string;
  /** The Python to make its environment with. */
  readonly python: string;
}

/** Installs a tool from PyPI in a private virtual environment, once, and returns the folder of its programs. */
export async function installPythonTool(tool: PythonTool): Promise<string> {
  const venv = join(toolsFolder, `${tool.package.toLowerCase()}-${tool.version}`);
  const stamp = join(venv, "installed");
  const lock = `${venv}.lock`;
  mkdirSync(toolsFolder, { recursive: true });
  // `make up` and `make test` may run side by side: one installs, the other waits for it.
  const free = () => existsSync(stamp) || takeLock(lock);
  await waitUntil(free, {
    what: `${tool.title} is installed (by another run; if none is, remove ${lock})`,
    deadlineMs: 180_000,
  });
  try {
    if (!existsSync(stamp)) await install(tool, venv);
    mkdirSync(stamp, { recursive: true });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return join(venv, "bin");
}

async function install({ python, version, ...tool }: PythonTool, venv: string): Promise<void> {
  rmSync(venv, { recursive: true, force: true });
  try {
    await execa(python, ["-m", "venv", venv], { all: true });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `${tool.package}==${version}`];
    await execa(join(venv, "bin", "python"), pip, { all: true });
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    throw error;
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
