import { join } from "node:path";
import { execa } from "execa";
import { root, toolsFolder } from "../runtime/paths.js";
import { installPythonTool, type PythonTool } from "../runtime/python_tool.js";

const settings = join(root, "scripts", "fuzz");

export const schemathesis: PythonTool = {
  title: "Schemathesis",
  version: "4.32.5",
  requirements: "scripts/fuzz/schemathesis_requirements.txt",
};

/** Installs schemathesis, once, and returns its program. Throws a `UserError` where there is no Python. */
export const installSchemathesis = async (): Promise<string> =>
  join(await installPythonTool(schemathesis), "schemathesis");

interface FuzzOptions {
  /** The service's address. */
  readonly url: string;
  readonly apiKey: string;
  readonly seconds: number;
  readonly seed: number;
}

/**
 * Sends a service what its `openapi.json` allows and what it does not, for so many seconds, and looks at each answer in
 * all ways that schemathesis knows. Returns whether it found nothing, and its report.
 */
export async function fuzz({ url, apiKey, seconds, seed }: FuzzOptions): Promise<{ clean: boolean; report: string }> {
  const program = await installSchemathesis();
  const options = ["--url", url, "--max-time", `${seconds}`, "--seed", `${seed}`, "--no-color"];
  const args = ["--config-file", join(settings, "schemathesis.toml"), "run", `${url}/openapi.json`, ...options];
  const env = {
    SCHEMATHESIS_HOOKS: join(settings, "hooks.py"),
    API_KEY: apiKey,
    // What Python and hypothesis would write beside the sources.
    PYTHONDONTWRITEBYTECODE: "1",
    HYPOTHESIS_STORAGE_DIRECTORY: join(toolsFolder, "hypothesis"),
  };
  const { exitCode, all } = await execa(program, args, { env, all: true, reject: false, stdin: "ignore" });
  return { clean: exitCode === 0, report: all };
}
