import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../runtime/paths.js";
import { signalTo } from "../runtime/processes.js";
import { UserError } from "../runtime/user_error.js";
import { setting } from "./settings.js";

const buildFolder = join(root, "build");
/** The folders of test files that have a target of their own: they need containers, or several nodes. */
const kinds = { containers: /(^|\/)test\/containers\//, more: /(^|\/)test\/more\// } as const;
export type TestKind = keyof typeof kinds | "others";

const isOfKind = (file: string, kind: TestKind): boolean =>
  kind === "others" ? !Object.values(kinds).some((folder) => folder.test(file)) : kinds[kind].test(file);

/** The compiled test files that `t` names, as their sources are called; else all of the kind. */
export function testFiles(kind: TestKind): readonly string[] {
  const asked = setting("t")?.trim().split(/\s+/);
  for (const other of asked?.filter((file) => !isOfKind(file, kind)) ?? [])
    throw new UserError(`${other} belongs to another target: see make help`);
  if (asked) return asked.map(compiledTest);
  const all = readdirSync(buildFolder, { recursive: true, encoding: "utf8" });
  const files = all
    .filter((file) => /(^|\/)test\/.*\.test\.js$/.test(file))
    .filter((file) => isOfKind(file, kind))
    .map((file) => join(buildFolder, file));
  if (files.length === 0) throw new UserError("There are no tests: build/**/test/**/*.test.js matches nothing");
  return files.sort();
}

function compiledTest(source: string): string {
  const file = join(buildFolder, source.replace(/\.ts$/, ".js"));
  if (!source.endsWith(".test.ts") || !existsSync(join(root, source)) || !existsSync(file))
    throw new UserError(`There is no test file ${source}; t wants paths such as test/config.test.ts`);
  return file;
}

/**
 * Runs the files with node's own runner, whose summary is the last thing to be seen. Through a pipe, since the runner
 * would not survive an output that is closed, and in a process group of its own, so that `stop` ends all of it.
 */
export function runNodeTests(files: readonly string[], env: NodeJS.ProcessEnv, ...options: readonly string[]) {
  // Of few files each test is shown; of all that would be thousands of lines.
  const reporter = files.length < 10 ? "spec" : join(buildFolder, "scripts/stack/progress_reporter.js");
  const onTerminal = [`--test-reporter=${reporter}`, "--test-reporter-destination=stdout"];
  const args = ["--enable-source-maps", "--test", ...onTerminal, ...options, ...files];
  const colors = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const runner = execa(process.execPath, args, {
    cwd: root,
    env: { ...colors, ...env },
    detached: true,
    cleanup: true,
    stdin: "ignore",
    buffer: false,
    reject: false,
  });
  runner.stdout.pipe(process.stdout, { end: false });
  runner.stderr.pipe(process.stderr, { end: false });
  return {
    exitCode: runner.then(({ exitCode }) => exitCode ?? 1),
    stop: () => runner.pid !== undefined && signalTo(-runner.pid, "SIGKILL"),
  };
}
