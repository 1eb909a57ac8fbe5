import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";

import { root, stateFolder } from "./runtime/paths.js";
import { UserError } from "./runtime/user_error.js";
import { coverageFloors, coverageIn, coverageMetrics } from "./stack/coverage.js";
import { main } from "./stack/main.js";
import { setting } from "./stack/settings.js";

const folder = join(stateFolder, "coverage");
const report = join(stateFolder, "coverage_report");
let stopTests: () => Promise<unknown> = async () => {};

async function coverage(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const tests = execa(process.execPath, ["--enable-source-maps", join(root, "build/scripts/test.js")], {
    cwd: root,
    env: { NODE_V8_COVERAGE: folder },
    stdio: "inherit",
    reject: false,
  });
  stopTests = () => {
    tests.kill("SIGTERM");
    return tests;
  };
  if ((await tests).failed) throw new UserError("A test has failed, so what they cover says nothing");

  const packages = await coverageIn(folder, report);
  // Two megabytes a process, and the report has what is in them.
  rmSync(folder, { recursive: true, force: true });
  const row = (cells: readonly string[]) =>
    cells.map((cell, index) => (index ? cell.padStart(12) : cell.padEnd(23))).join("");
  console.log(`\n${row(["", ...coverageMetrics])}`);
  for (const [name, percent] of packages)
    console.log(row([name, ...coverageMetrics.map((metric) => `${percent[metric].toFixed(1)} %`)]));
  console.log(`\nLine by line: ${relative(root, join(report, "index.html"))}`);

  const [floors, all] = [coverageFloors(), packages.get("all")];
  const below = coverageMetrics.filter((metric) => Number(all?.[metric]) < floors[metric]);
  // Some of the tests prove nothing about the floors, which are those of all tests.
  if (below.length > 0 && !setting("t"))
    throw new UserError(
      below.map((metric) => `Fewer ${metric} are run than ${floors[metric]} % (.c8rc.json)`).join("\n"),
    );
}

await main(coverage, { cleanup: async () => void (await stopTests()) });
