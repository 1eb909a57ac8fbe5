import { join } from "node:path";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { UserError } from "../scripts/runtime/user_error.js";
import { main } from "../scripts/stack/main.js";
import { setting, wholeNumber } from "../scripts/stack/settings.js";
import { rounded, showTable } from "./figure.js";
import { type Figures, median } from "./load.js";
import { rows } from "./rows.js";
import { BenchServers } from "./servers.js";

const checkout = join(testFolder("compare"), "checkout");
let servers: BenchServers | undefined;

async function compare(): Promise<void> {
  const ref = setting("ref");
  if (ref === undefined) throw new UserError("Say what to compare with: make bench-compare ref=HEAD~1");
  const [seconds, rounds] = [wholeNumber("seconds", 3, 1), wholeNumber("rounds", 5, 1)];
  await buildOf(ref);
  servers = await BenchServers.start("compare");
  // Not even counted: older builds know no limit that is high enough.
  const env = { RATE_LIMIT_PER_MINUTE: "0" };
  const then = await servers.system("then", { root: checkout, env });
  const now = await servers.system("now", { env });
  const url = servers.broker.url;
  console.log(`\n${ref} (then) and the working tree (now), in turns: ${rounds} rounds of ${seconds} s\n`);
  const results: Record<string, object> = {};
  for (const row of rows) {
    const pairs: (readonly [then: Figures, now: Figures])[] = [];
    for (const system of [then, now]) await row.measure(system, 1, url);
    for (let round = 0; round < rounds; round += 1)
      pairs.push([await row.measure(then, seconds, url), await row.measure(now, seconds, url)]);
    results[row.name] = { ...ratios(pairs, "perSecond", "/s"), ...ratios(pairs, "cpuMs", "CPU ms") };
    console.log(`${row.name}: done`);
  }
  showTable(results);
  console.log("/s: a ratio above 1 is faster. CPU ms a request: below 1 is cheaper.");
  await cleanup();
}

/** Both medians, the median of the rounds' ratios, and the least and the greatest of them. */
function ratios(pairs: readonly (readonly [Figures, Figures])[], figure: "perSecond" | "cpuMs", unit: string) {
  const known = pairs.map(([then, now]) => [then[figure] ?? Number.NaN, now[figure] ?? Number.NaN] as const);
  const quotients = known.map(([then, now]) => now / then);
  return {
    [`${unit} then`]: rounded(median(known.map(([then]) => then))),
    [`${unit} now`]: rounded(median(known.map(([, now]) => now))),
    [`${unit} ratio`]: `${median(quotients).toFixed(2)} (${Math.min(...quotients).toFixed(2)} to ${Math.max(...quotients).toFixed(2)})`,
  };
}

/** Checks out and builds a commit, beside what is here. */
async function buildOf(ref: string): Promise<void> {
  console.log(`Building ${ref}`);
  const run = execa({ cwd: checkout });
  const { failed } = await execa("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], { reject: false });
  if (failed) throw new UserError(`git knows no commit ${ref}`);
  await execa("git", ["worktree", "add", "--detach", "--force", checkout, ref], { cwd: root });
  await run("npm", ["ci", "--ignore-scripts"]);
  await run("npx", ["tsc", "--build"]);
}

async function cleanup(): Promise<void> {
  await servers?.remove();
  await execa("git", ["worktree", "remove", "--force", checkout], { cwd: root, reject: false });
}

await main(compare, { cleanup });
