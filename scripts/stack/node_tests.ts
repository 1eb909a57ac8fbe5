import { readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Failure } from "../runtime/failure.js";
import { root } from "../runtime/paths.js";
import { setting } from "./settings.js";

const buildFolder = join(root, "build");
/** Those that need containers, and have a target of their own. */
const inContainers = /(^|\/)test\/containers\//;

/** The compiled test files that `t` names, as their sources are called; else all of the kind. */
export function testFiles(kind: "containers" | "others"): readonly string[] {
  const asked = setting("t")
    ?.trim()
    .split(/\s+/)
    .map((file) => join(buildFolder, file.replace(/\.ts$/, ".js")));
  if (asked) return asked;
  const all = readdirSync(buildFolder, { recursive: true, encoding: "utf8" });
  const files = all
    .filter((file) => /(^|\/)test\/.*\.test\.js$/.test(file))
    .filter((file) => inContainers.test(file) === (kind === "containers"))
    .map((file) => join(buildFolder, file));
  if (files.length === 0) throw new Failure("There are no tests: build/**/test/**/*.test.js matches nothing");
  return files.sort();
}

/** Runs the files with node's own runner on this terminal: its summary is the last thing to be seen. */
export async function runNodeTests(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  ...options: readonly string[]
): Promise<number> {
  const onTerminal = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  const args = ["--enable-source-maps", "--test", ...onTerminal, ...options, ...files];
  const { exitCode } = await execa(process.execPath, args, { cwd: root, env, stdio: "inherit", reject: false });
  return exitCode ?? 1;
}
