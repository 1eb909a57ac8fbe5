import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";

/** As a test starts a service: a process of a process. It ends by itself, since its variables are wrong. */
const startService = "require('child_process').spawnSync(process.execPath, ['user_service/dist/main.js'])";

test("When a test starts a service as a process, then make coverage counts what that runs", async () => {
  const folder = testFolder("coverage");
  const options = [`--temp-directory=${folder}`, `--reports-dir=${folder}`, "--reporter=json-summary"];
  const env = { PORT: "wrong", NODE_V8_COVERAGE: folder };
  await execa(process.execPath, ["--eval", startService], { cwd: root, env });
  await execa("node_modules/.bin/c8", ["report", "--check-coverage=false", ...options], { cwd: root });
  const summary = JSON.parse(readFileSync(join(folder, "coverage-summary.json"), "utf8"));
  const lines = (file: string) => summary[join(root, file)].lines.pct;

  assert.ok(lines("user_service/src/main.ts") > 50);
  assert.equal(lines("orders_service/src/main.ts"), 0);
});
