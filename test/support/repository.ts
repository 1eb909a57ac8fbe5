import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/runtime/paths.js";

/** The text of a file of this repository. */
export const read = (file: string): string => readFileSync(join(root, file), "utf8");
