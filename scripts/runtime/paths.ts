import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout: compiled files stand in `build/scripts/runtime`. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The one git-ignored folder that holds data, pids, logs and tools. */
export const stateFolder = join(root, ".state");

/** What `make up` started; a test run has a folder of its own for what it starts that way. */
export const upFolder = process.env["UP_STATE_DIR"] || join(stateFolder, "up");

/** One folder a test run inside; each run removes its own. */
export const testsFolder = join(stateFolder, "tests");

/** Downloaded once and shared by `make up` and the tests. */
export const toolsFolder = join(stateFolder, "tools");
