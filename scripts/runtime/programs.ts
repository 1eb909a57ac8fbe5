import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

interface Folders {
  readonly first?: readonly string[];
  readonly last?: readonly string[];
}

/** Where the program of that name is: in the folders that come `first`, on PATH, or in those that come `last`. */
export async function onPath(name: string, { first = [], last = [] }: Folders = {}): Promise<string | undefined> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of [...first, ...path, ...last]) {
    const file = join(folder, name);
    const missing = await access(file, constants.X_OK).catch((error: unknown) => error);
    if (missing === undefined) return file;
  }
  return undefined;
}
