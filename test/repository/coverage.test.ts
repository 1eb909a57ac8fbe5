import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { coverageFloors, coverageIn } from "../../scripts/stack/coverage.js";
import { ServiceProcess } from "../support/processes.js";
import { databaseUri, uniqueName } from "../support/services.js";

test("When a test starts a service as a process, then what that runs is counted, of its package and of all", async () => {
  const folder = testFolder("coverage");
  const service = await ServiceProcess.start("user_service", {
    MONGODB_URI: databaseUri(uniqueName("users")),
    NODE_V8_COVERAGE: folder,
  });
  await service.answers();
  await service.end();

  const packages = await coverageIn(folder, testFolder("coverage_report"));
  assert.deepEqual([...packages.keys()], ["common", "user_service", "orders_service", "notifications_service", "all"]);
  const lines = (name: string) => Number(packages.get(name)?.lines);
  assert.ok(lines("user_service") > 50, "main.ts and what it starts");
  assert.equal(lines("orders_service"), 0, "a service that no process was started of");
  assert.ok(lines("all") > 0 && lines("all") < lines("user_service"));
});

test("When the README says how much the tests run, then it says the floors that CI checks", () => {
  const { lines, branches, functions } = coverageFloors();
  const readme = readFileSync(join(root, "README.md"), "utf8").replaceAll(/\s+/g, " ");
  assert.ok(
    readme.includes(`${lines} % of the lines, ${branches} % of the branches and ${functions} % of the functions`),
  );
  assert.match(readFileSync(join(root, ".github/workflows/ci.yml"), "utf8"), /run: make coverage$/m);
});
