import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { UserError } from "../scripts/runtime/user_error.js";
import { wrapWords } from "../scripts/stack/flow_watch.js";
import { shownLines } from "../scripts/stack/log_lines.js";
import { runSteps } from "../scripts/stack/steps.js";
import { runScript } from "./support/scripts.js";
import { uniqueName } from "./support/services.js";

test("When two steps fail, then both reasons are told", async () => {
  const failing = (title: string) => ({
    title,
    run: async () => {
      throw new UserError(`${title} is not there`);
    },
  });
  await assert.rejects(runSteps(failing("MongoDB"), failing("RabbitMQ")), {
    name: "UserError",
    message: "MongoDB is not there\n✖ RabbitMQ is not there",
  });
});

test("When a test file is asked for that does not exist, then make test says so, and starts no server", async () => {
  const env = { t: "test/config.test.ts test/nofile.test.ts", TEST_STATE_DIR: "" };
  const { all, exitCode } = await runScript("test", env);
  assert.equal(all.trim(), "✖ There is no test file test/nofile.test.ts; t wants paths such as test/config.test.ts");
  assert.equal(exitCode, 1);
});

const stack = join(root, "build/scripts/stack");
const noTerminal = existsSync("/usr/bin/script") ? false : "there is no script(1) to make a terminal with";

test("When the terminal is a dumb one, then steps are shown in lines, without cursor commands", {
  skip: noTerminal,
}, async () => {
  const code = `import { main } from "${stack}/main.js"; import { runSteps } from "${stack}/steps.js";
    await main(() => runSteps({ title: "step", run: async () => undefined }));`;
  const command = `${process.execPath} --input-type=module --eval '${code}'`;
  const { stdout } = await execa("script", ["--quiet", "--command", command, "/dev/null"], {
    env: { TERM: "dumb" },
    stdin: "ignore",
  });
  assert.match(stdout, /^✔ step \(\d\.\d s\)$/);
});

test("When a command is stopped while it shows steps, then they say so, and the cursor is back", {
  skip: noTerminal,
}, async () => {
  const code = `import { main } from "${stack}/main.js"; import { runSteps } from "${stack}/steps.js";
    const stop = () => process.kill(process.pid, "SIGINT");
    const endless = () => new Promise(() => setInterval(() => {}, 1000));
    const first = { title: "first", run: async () => void setTimeout(stop, 100) };
    await main(() => runSteps(first, { title: "second", run: endless }));`;
  const command = `stty -F /dev/tty cols 80 rows 24; ${process.execPath} --input-type=module --eval '${code}'`;
  const { stdout } = await execa("script", ["--quiet", "--command", command, "/dev/null"], {
    env: { TERM: "xterm" },
    stdin: "ignore",
  });
  assert.doesNotMatch(stdout, /Error/);
  assert.match(stdout, /second\r\n {2}› stopping/);
  assert.ok(stdout.lastIndexOf("\u001b[?25h") > stdout.lastIndexOf("\u001b[?25l"), JSON.stringify(stdout));
});

test("When a line is wider than the terminal, then make watch breaks it between words", () => {
  const line = "10:41:32  in 0.0/s, dead letters 0, mongodb up, rabbitmq up";
  assert.equal(wrapWords(line, 40), "10:41:32  in 0.0/s, dead letters 0,\nmongodb up, rabbitmq up");
  assert.equal(wrapWords(line, 80), line);
});

async function* log() {
  const entry = { level: "info", service: "orders_service", timestamp: "2026-11-27T00:57:33.270Z" };
  yield JSON.stringify({ ...entry, message: "request", path: "/orders" });
  yield "New order received: a";
  yield "a line of \u001b[2J somebody else";
}

for (const isTTY of [true, false])
  test(`When logs are shown ${isTTY ? "on a terminal, then they are pretty" : "elsewhere, then they are as logged"}`, async (t) => {
    const before = process.stdout.isTTY;
    t.after(() => {
      process.stdout.isTTY = before;
    });
    process.stdout.isTTY = isTTY;
    const shown: string[] = [];
    for await (const line of shownLines(log())) shown.push(line);

    assert.deepEqual(shown.splice(-2), ["New order received: a", "a line of \\u001b[2J somebody else"]);
    if (isTTY) assert.deepEqual(shown, ["00:57:33.270 info  request path=/orders"]);
    else assert.equal(JSON.parse(shown[0] ?? "").path, "/orders");
  });

test("When apt-get is to install a package, then it is said which, since it stays", {
  skip: process.getuid?.() === 0 ? false : "only root can install packages",
}, async () => {
  const PATH = testFolder(uniqueName("apt"));
  mkdirSync(PATH, { recursive: true });
  // Neither does anything.
  for (const program of ["apt-get", "sh"]) writeFileSync(join(PATH, program), "#!/bin/bash\n", { mode: 0o755 });
  const code = `import { aptInstall } from "${root}build/scripts/runtime/apt.js"; await aptInstall("rabbitmq-server");`;
  const run = () => execa(process.execPath, ["--input-type=module", "--eval", code], { env: { PATH }, reject: false });
  assert.equal((await run()).stdout, "• apt-get install rabbitmq-server (it stays on this system)");

  writeFileSync(join(PATH, "sh"), "#!/bin/bash\necho E: Unable to fetch some archives\nexit 100\n");
  assert.match((await run()).stderr, /UserError: apt-get can't install rabbitmq-server[\s\S]*E: Unable to fetch/);
});

test("When all tests run, then there is a line for each file with how many there are, and what failed comes last", async () => {
  const folder = testFolder(uniqueName("reported"));
  mkdirSync(folder, { recursive: true });
  const files = [1, 2].map((number) => join(folder, `${number}.test.js`));
  const code = (result: string) => `import { describe, test } from "node:test"; import { rows } from "./rows.js";
    describe("table", rows); test("left out", { skip: "no reason" }, () => {}); test("other", () => { ${result} });`;
  const helper = 'import { test } from "node:test"; export const rows = () => { test("good", () => {}); };';
  writeFileSync(join(folder, "rows.js"), helper);
  writeFileSync(files[0] ?? "", code(""));
  writeFileSync(files[1] ?? "", code('throw new Error("wrong")'));
  const reporter = join(root, "build/scripts/stack/progress_reporter.js");
  // This process runs tests itself, and a runner in it would refuse to.
  const env = { NODE_TEST_CONTEXT: undefined };
  const options = ["--test", `--test-reporter=${reporter}`, "--test-reporter-destination=stdout"];
  const { stdout } = await execa(process.execPath, [...options, ...files], { env, reject: false });

  assert.match(stdout, /✔ 1 of 2: \S+1\.test\.ts, 2 passed\n/);
  assert.match(stdout, /✖ 2 of 2: \S+2\.test\.ts, 1 passed, 1 failed\n/);
  assert.equal(stdout.match(/left out/g)?.length, 2);
  assert.doesNotMatch(stdout, /✔ good/);
  assert.match(stdout.slice(stdout.indexOf("2 of 2")), /pass 3[\s\S]*failing tests:[\s\S]*other[\s\S]*wrong/);
});
