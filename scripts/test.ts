import { ExecaError, execa } from "execa";
import { findOrInstall } from "./runtime/apt.js";
import { installedBrowser } from "./runtime/browser.js";
import type { ServerHandle } from "./runtime/handle.js";
import { root } from "./runtime/paths.js";
import { runFolder } from "./runtime/run_folder.js";
import { sharedBroker, sharedDatabase } from "./runtime/servers.js";
import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { runNodeTests, testFiles } from "./stack/node_tests.js";
import { outputFile, secretsIn } from "./stack/secrets.js";
import { setting } from "./stack/settings.js";
import { runSteps, type Step, serverStep } from "./stack/steps.js";
import { removeAbandonedRuns, removeRun } from "./stack/test_run.js";

const folder = runFolder();
const servers = new Map<string, ServerHandle>();
let stopTests = () => {};

async function test(): Promise<void> {
  const more = process.argv[2] === "more";
  const files = testFiles(more ? "more" : "others");
  await removeAbandonedRuns();
  const steps = [
    ...(setting("t") ? [] : [lintStep, browserStep]),
    serverStep("MongoDB", () => sharedDatabase(folder), servers, "For the tests: "),
    serverStep("RabbitMQ", () => sharedBroker(folder), servers, "For the tests: "),
  ];
  // The others start servers of their own, several nodes each.
  if (!more) await runSteps(...steps);
  const [TEST_MONGODB_URI, TEST_RABBITMQ_URL] = ["MongoDB", "RabbitMQ"].map((title) => servers.get(title)?.url);
  const env = { TEST_MONGODB_URI, TEST_RABBITMQ_URL, TEST_STATE_DIR: folder };
  // Its output goes into a file too, where passwords are looked for.
  const andFile = ["--test-reporter=spec", `--test-reporter-destination=${outputFile(folder)}`];
  const tests = runNodeTests(files, env, `--test-concurrency=${more ? 1 : 2}`, ...andFile);
  stopTests = tests.stop;
  process.exitCode = await tests.exitCode;
  const secrets = secretsIn(folder);
  await cleanup();
  if (secrets.length > 0) throw new UserError(`A password or its hash was logged:\n${secrets.slice(0, 10).join("\n")}`);
}

const lintStep: Step = {
  title: "Style and types",
  run: async () => {
    try {
      await execa("npm", ["run", "--silent", "lint"], { cwd: root, all: true, stdin: "ignore" });
    } catch (error) {
      throw new UserError("npm run lint finds mistakes", error instanceof ExecaError ? String(error.all) : undefined);
    }
    return undefined;
  },
};

const browserStep: Step = {
  title: "For the tests: a browser",
  run: async (tell) => {
    tell("finding it, or installing Chromium");
    const found = await findOrInstall(installedBrowser, "chromium");
    return found ? undefined : "For the tests: no browser, so /docs is not looked at in one";
  },
};

async function cleanup(): Promise<void> {
  stopTests();
  await Promise.all([...servers.values()].map((server) => server.remove()));
  await removeRun(folder);
}

await main(test, { cleanup });
