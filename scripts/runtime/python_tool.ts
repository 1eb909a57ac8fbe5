import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import { withLock } from "./lock_file.js";
import { root, toolsFolder } from "./paths.js";
import { onPath } from "./programs.js";
import { lastLines, UserError } from "./user_error.js";

/** A program from PyPI, with all that it needs, in a virtual environment of its own. */
export interface PythonTool {
  /** For people. */
  readonly title: string;
  readonly version: string;
  /** The file with the version and the hashes of each package, by its path in the project. */
  readonly requirements: string;
}

const folderOf = ({ title, version }: PythonTool): string => join(toolsFolder, `${title.toLowerCase()}-${version}`);
const stampOf = (tool: PythonTool): string => join(folderOf(tool), "installed");

export const isInstalled = (tool: PythonTool): boolean => existsSync(stampOf(tool));

/** Installs `tool`, once, and returns the folder of its programs. */
export async function installPythonTool(tool: PythonTool): Promise<string> {
  const folder = folderOf(tool);
  mkdirSync(toolsFolder, { recursive: true });
  // `make up` and `make test` may run side by side: one installs, the other waits for it.
  if (!isInstalled(tool))
    await withLock(`${folder}.lock`, `${tool.title} is installed`, 180_000, async () => {
      if (!isInstalled(tool)) await install(tool);
    });
  return join(folder, "bin");
}

/** Whether tools can be installed with it. */
export async function isUsablePython(python: string): Promise<boolean> {
  const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
  return !(await execa(python, ["-c", check], { reject: false })).failed;
}

async function usablePython({ title }: PythonTool): Promise<string> {
  const python = await onPath("python3");
  if (python === undefined) throw new UserError(`${title} can't be installed: it wants Python 3.10 or later`);
  if (await isUsablePython(python)) return python;
  throw new UserError(
    `${title} can't be installed: ${python} is older than 3.10, or without venv (Debian, Ubuntu: sudo apt-get install python3-venv)`,
  );
}

async function install(tool: PythonTool): Promise<void> {
  const [python, folder] = [await usablePython(tool), folderOf(tool)];
  rmSync(folder, { recursive: true, force: true });
  try {
    await execa(python, ["-m", "venv", folder], { all: true });
    // Each file by its hash, and none that would run a setup.py.
    const only = ["--require-hashes", "--only-binary", ":all:", "--requirement", join(root, tool.requirements)];
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...only];
    await execa(join(folder, "bin", "python"), pip, { all: true });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!(error instanceof ExecaError)) throw error;
    throw new UserError(`${tool.title} can't be installed from PyPI`, lastLines(String(error.all), 4));
  }
  writeFileSync(stampOf(tool), "");
}
