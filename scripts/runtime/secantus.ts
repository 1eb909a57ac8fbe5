import { join } from "node:path";
import { Failure } from "./failure.js";
import { onPath } from "./programs.js";
import { installPythonTool } from "./python_tool.js";

export const secantusVersion = "0.7.0b3";

/** Installs SecantusDB, once, and returns its server program. */
export async function secantusServer(): Promise<string> {
  const python = await onPath("python3");
  if (python === undefined)
    throw new Failure(
      "MongoDB can't be started: install Docker, or mongod, or Python 3.9 or later; or set MONGODB_URI",
    );
  const tool = { title: "SecantusDB", package: "SecantusDB", version: secantusVersion, python };
  return join(await installPythonTool(tool), "secantusd-py");
}
