import { join } from "node:path";
import { onPath } from "./programs.js";
import { installPythonTool, type PythonTool } from "./python_tool.js";
import { UserError } from "./user_error.js";

export const secantus: PythonTool = {
  title: "SecantusDB",
  version: "0.7.0b3",
  requirements: "scripts/runtime/secantus_requirements.txt",
};

/** Installs SecantusDB, once, and returns its server program. */
export async function secantusServer(): Promise<string> {
  if ((await onPath("python3")) === undefined)
    throw new UserError(
      "MongoDB can't be started: install Docker, or mongod, or Python 3.10 or later; or set MONGODB_URI",
    );
  return join(await installPythonTool(secantus), "secantusd-py");
}
