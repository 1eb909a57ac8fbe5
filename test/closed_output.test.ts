import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testsFolder } from "../scripts/runtime/paths.js";
import { writePidFile } from "../scripts/runtime/pid_file.js";
import { BackgroundProcess } from "../scripts/runtime/processes.js";
import { ownerFile, testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { ownEnvironment } from "../scripts/stack/own_environment.js";
import { read } from "./support/repository.js";
import { notEmbedded, pidsIn, runScript, scriptFile } from "./support/scripts.js";
import { uniqueName } from "./support/services.js";

const noTerminal = existsSync("/usr/bin/script") ? notEmbedded : "there is no script(1) to make a terminal with";

/** What a command of the Makefile sees: nothing of the test run that it is a part of. */
const environment = async (folder: string) => ({
  ...process.env,
  ...(await ownEnvironment(folder, "embedded")),
  TEST_STATE_DIR: "",
});

async function readsFirstLine(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout);
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.includes("\n")) return;
  }
}

for (const name of ["up", "demo_failure"])
  test(`When the output of ${name} ends after a line (| head -1), then it ends quietly, and nothing is left`, {
    skip: notEmbedded,
  }, async () => {
    const folder = testFolder(`piped_${name}`);
    const child = spawn(process.execPath, [scriptFile(name)], {
      env: await environment(folder),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const runFolder = join(testsFolder, `${child.pid}`);
    await readsFirstLine(child);
    child.stdout.destroy();
    await once(child, "close");

    assert.equal(errors, "");
    assert.equal(child.exitCode, 141);
    assert.deepEqual([...pidsIn(folder), ...pidsIn(runFolder)], []);
    assert.ok(!existsSync(runFolder));
  });

test("When the terminal of demo_failure is closed in the middle, then nothing is left", {
  skip: noTerminal,
}, async () => {
  const log = testFolder("terminal.log");
  const command = `exec ${process.execPath} ${scriptFile("demo_failure")}`;
  const before = new Set(readdirSync(testsFolder));
  const terminal = spawn("script", ["--quiet", "--flush", "--command", command, log], {
    env: await environment(testFolder("terminal")),
    stdio: ["ignore", "ignore", "ignore"],
  });
  const runFolder = () => readdirSync(testsFolder).find((name) => !before.has(name)) ?? "";
  const begun = () => runFolder() !== "" && pidsIn(join(testsFolder, runFolder())).length >= 4;
  await waitUntil(begun, { what: "servers and services run", deadlineMs: 60_000 });
  const folder = join(testsFolder, runFolder());
  terminal.kill("SIGKILL");
  await waitUntil(() => !existsSync(folder), { what: "all of it is taken back", deadlineMs: 60_000 });
});

/** The folder of a command that was killed, with a process that it has left behind. */
function abandonedRun(name: string): BackgroundProcess {
  const folder = join(testsFolder, name);
  mkdirSync(folder, { recursive: true });
  const child = new BackgroundProcess(folder, "left_behind");
  child.start({ file: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"], env: process.env });
  return child;
}

test("When a command was killed with -9, then make down stops what it left, and not what a live one runs", async () => {
  const [killed, alive] = [uniqueName("killed"), uniqueName("alive")];
  const [left, used] = [abandonedRun(killed), abandonedRun(alive)];
  writePidFile(join(testsFolder, alive, ownerFile), process.pid);
  const { stdout, exitCode } = await runScript("down", await environment(testFolder("down")));

  assert.equal(exitCode, 0);
  assert.match(stdout, /1 processes of commands that were killed are stopped/);
  assert.deepEqual([left.running, used.running], [false, true]);
  assert.ok(!existsSync(join(testsFolder, killed)));
  await used.kill();
  rmSync(join(testsFolder, alive), { recursive: true });
});

test("When another command still runs, then make clean refuses, and stops nothing", async () => {
  const { stderr, exitCode } = await runScript("clean", await environment(testFolder("clean")));
  assert.equal(exitCode, 1);
  assert.match(stderr, /A command of this folder still runs \(pid \d+\): stop it first/);
});

test("When a command of the Makefile is written, then it is run by main, which takes back what it started", () => {
  const commands = [...read("Makefile").matchAll(/(?:\$\(run\)|build\/bench)\/(\w+)\.js/g)].map(([line, name]) =>
    line.includes("bench/") ? `bench/${name}.ts` : `scripts/${name}.ts`,
  );
  assert.ok(commands.length > 15);
  for (const file of commands) assert.match(read(file), /^await main\(/m, file);
});
