import { findOrInstall } from "./apt.js";
import { onPath } from "./programs.js";

/** Spin writes the checker of a model in C. */
const packages = { spin: "spin", gcc: "build-essential" } as const;

/** Installs Spin where that can be done without a question. Returns the programs that are missing all the same. */
export async function installSpin(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(packages))
    if (!(await findOrInstall(() => onPath(program), name))) missing.push(program);
  return missing;
}
