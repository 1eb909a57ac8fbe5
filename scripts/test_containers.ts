import { createHash } from "node:crypto";
import { join } from "node:path";
import { execa } from "execa";
import { isDockerAvailable } from "./runtime/docker.js";
import { root } from "./runtime/paths.js";
import { runFolder } from "./runtime/run_folder.js";
import { lastLines, UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { runNodeTests, testFiles } from "./stack/node_tests.js";
import { ownEnvironment } from "./stack/own_environment.js";
import { runSteps } from "./stack/steps.js";
import { removeAbandonedRuns, removeRun } from "./stack/test_run.js";

/** One a clone, so that the next run removes what a killed one has left. */
const project = `order_flow_test_${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;

let begun = false;
let stopTests = () => {};

async function testContainers(): Promise<void> {
  const files = testFiles("containers");
  if (!(await isDockerAvailable()))
    throw new UserError(
      "make test-containers needs a Docker engine with docker compose, and none responds: start it (docker info and docker compose version say what is wrong)",
    );
  begun = true;
  await removeAbandonedRuns();
  await removeContainers();
  const env = { ...(await ownEnvironment(join(runFolder(), "up"), "docker")), COMPOSE_PROJECT_NAME: project };
  await runSteps({ title: "make up runtime=docker, with ports of its own", run: (tell) => startContainers(env, tell) });
  // One file at a time: all have the same containers. Clients of a test that failed may still wait for an answer.
  const tests = runNodeTests(files, env, "--test-concurrency=1", "--test-force-exit");
  stopTests = tests.stop;
  process.exitCode = await tests.exitCode;
  await cleanup();
}

async function startContainers(env: NodeJS.ProcessEnv, tell: (doing: string) => void): Promise<string> {
  const script = join(root, "build/scripts/up.js");
  const child = execa(process.execPath, [script], { cwd: root, env, all: true, stdin: "ignore", reject: false });
  for await (const line of child.iterable({ from: "all" })) tell(line);
  const { failed, shortMessage, all } = await child;
  if (failed) throw new UserError(`The containers did not start: ${shortMessage}`, lastLines(all, 40));
  return "Images are built, the services are ready";
}

async function removeContainers(): Promise<void> {
  const options = ["--volumes", "--rmi", "local", "--remove-orphans"];
  await execa("docker", ["compose", "--project-name", project, "down", ...options], { cwd: root, all: true });
}

async function cleanup(): Promise<void> {
  if (!begun) return;
  stopTests();
  await removeContainers();
  await removeRun(runFolder());
}

await main(testContainers, { cleanup });
