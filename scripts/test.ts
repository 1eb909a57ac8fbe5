import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import { Failure } from "./runtime/failure.js";
import type { ServerHandle } from "./runtime/handle.js";
import { root } from "./runtime/paths.js";
import { sharedBroker, sharedDatabase } from "./runtime/servers.js";
import { main } from "./stack/main.js";
import { outputFile, secretsIn } from "./stack/secrets.js";
import { setting } from "./stack/settings.js";
import { runSteps, type Step } from "./stack/steps.js";
import { removeAbandonedRuns, removeRun, runFolder } from "./stack/test_run.js";

const buildFolder = join(root, "build");
const servers: ServerHandle[] = [];

async function test(): Promise<void> {
  const files = testFiles();
  await removeAbandonedRuns();
  mkdirSync(runFolder, { recursive: true });
  let database: ServerHandle | undefined;
  let broker: ServerHandle | undefined;
  await runSteps(
    ...(setting("t") ? [] : [lintStep]),
    serverStep("MongoDB", async () => (database = await sharedDatabase(runFolder))),
    serverStep("RabbitMQ", async () => (broker = await sharedBroker(runFolder))),
  );
  const env = { TEST_MONGODB_URI: database?.url, TEST_RABBITMQ_URL: broker?.url, TEST_STATE_DIR: runFolder };
  const exitCode = await runNodeTest(files, env);
  const secrets = secretsIn(runFolder);
  await undo();
  if (secrets.length > 0) throw new Failure(`A password or its hash was logged:\n${secrets.slice(0, 10).join("\n")}`);
  process.exit(exitCode);
}

/** The files that `t` names, as their sources are called; else all. */
function testFiles(): readonly string[] {
  const asked = setting("t")
    ?.trim()
    .split(/\s+/)
    .map((file) => join(buildFolder, file.replace(/\.ts$/, ".js")));
  if (asked) return asked;
  const all = readdirSync(buildFolder, { recursive: true, encoding: "utf8" });
  const files = all.filter((file) => /(^|\/)test\/.*\.test\.js$/.test(file)).map((file) => join(buildFolder, file));
  if (files.length === 0) throw new Failure("There are no tests: build/**/test/**/*.test.js matches nothing");
  return files.sort();
}

/** Runs the files with node's own runner on this terminal: its summary is the last thing to be seen. */
async function runNodeTest(files: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = ["--enable-source-maps", "--test", "--test-concurrency=2"];
  const reporters = ["stdout", outputFile(runFolder)].flatMap((to) => [
    "--test-reporter=spec",
    `--test-reporter-destination=${to}`,
  ]);
  const args = [...options, ...reporters, ...files];
  const { exitCode } = await execa(process.execPath, args, { cwd: root, env, stdio: "inherit", reject: false });
  return exitCode ?? 1;
}

const lintStep: Step = {
  title: "Style and types",
  run: async () => {
    try {
      await execa("npm", ["run", "--silent", "lint"], { cwd: root, all: true, stdin: "ignore" });
    } catch (error) {
      throw new Failure("npm run lint finds mistakes", error instanceof ExecaError ? String(error.all) : undefined);
    }
    return undefined;
  },
};

function serverStep(title: string, find: () => Promise<ServerHandle>): Step {
  const run = async (tell: (doing: string) => void) => {
    tell("looking for one, or installing it");
    const server = await find();
    servers.push(server);
    tell(`${server.kind} starts`);
    await server.start();
    return `For the tests: ${server.kind}`;
  };
  return { title, run };
}

async function undo(): Promise<void> {
  await Promise.all(servers.map((server) => server.remove()));
  await removeRun(runFolder);
}

await main(test, undo);
