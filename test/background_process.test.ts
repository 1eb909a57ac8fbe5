import assert from "node:assert/strict";
import { readFileSync, truncateSync } from "node:fs";
import { test } from "node:test";
import { BackgroundProcess } from "../scripts/runtime/processes.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { uniqueName } from "./support/services.js";

/** Prints `text`, and again whenever it gets SIGUSR2. */
const printer = (text: string) => `
const print = () => console.log(${JSON.stringify(text)});
process.on("SIGUSR2", print);
setInterval(() => {}, 1000);
print();`;

async function start(child: BackgroundProcess, text: string): Promise<void> {
  child.start({ file: process.execPath, args: ["-e", printer(text)], env: process.env });
  await logHas(child, `${text}\n`);
}

const log = (child: BackgroundProcess) => readFileSync(child.outLog, "utf8");
const logHas = (child: BackgroundProcess, text: string) =>
  waitUntil(() => log(child) === text, { what: `the log is ${JSON.stringify(text)}`, deadlineMs: 60_000 });

test("When a process is started again and again, then what its earlier lives printed is kept", async () => {
  const child = new BackgroundProcess(testFolder(uniqueName("lives")), "printer");
  for (const text of ["first", "second", "third"]) {
    await start(child, text);
    await child.kill();
  }

  assert.equal(log(child), "third\n");
  assert.equal(readFileSync(`${child.outLog}.previous`, "utf8"), "first\nsecond\n");
});

test("When the log of a process is emptied, then it goes on at the start of the file", async () => {
  const child = new BackgroundProcess(testFolder(uniqueName("emptied")), "printer");
  await start(child, "line");
  truncateSync(child.outLog);
  process.kill(child.pid ?? 0, "SIGUSR2");
  await waitUntil(() => log(child) !== "", { what: "it prints again", deadlineMs: 60_000 });
  await child.kill();

  assert.equal(log(child), "line\n");
});
