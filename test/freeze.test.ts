import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isStopped } from "../scripts/runtime/identity.js";
import { BackgroundProcess } from "../scripts/runtime/processes.js";
import { testFolder } from "../scripts/runtime/run_folder.js";

/** More threads than a machine has cores, none of which ever waits. */
const busy = `
const { isMainThread, Worker } = require("node:worker_threads");
if (isMainThread) for (let i = 0; i < 32; i += 1) new Worker(__filename);
else { console.log("up"); for (;;); }`;

test("When a process is frozen, then none of its threads goes on", async () => {
  const folder = testFolder("freeze");
  const child = new BackgroundProcess(folder, "busy");
  const file = join(folder, "busy.cjs");
  writeFileSync(file, busy);
  child.start({ file: process.execPath, args: [file], env: process.env });
  await child.waitUntilReady(async () => readFileSync(child.outLog, "utf8").includes("up"), 60_000);

  for (let round = 0; round < 20; round += 1) {
    await child.freeze();
    assert.ok(isStopped(child.pid ?? 0), `round ${round}`);
    await child.thaw();
  }
  await child.kill();
});
