import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../runtime/paths.js";
import { services } from "./services.js";

export const coverageMetrics = ["lines", "branches", "functions"] as const;
type Metric = (typeof coverageMetrics)[number];

/** What was run, in percent. */
export type Coverage = Readonly<Record<Metric, number>>;

/** As c8 reports it, by file. */
type Summary = Readonly<Record<string, Readonly<Record<Metric, { readonly total: number; readonly covered: number }>>>>;

/**
 * What was run of each package, and of all of them, by the processes that had `folder` in NODE_V8_COVERAGE. The report,
 * file by file, is written to `reportFolder`.
 */
export async function coverageIn(folder: string, reportFolder: string): Promise<ReadonlyMap<string, Coverage>> {
  const options = [`--temp-directory=${folder}`, `--reports-dir=${reportFolder}`, "--check-coverage=false"];
  const reporters = ["--reporter=json-summary", "--reporter=html"];
  await execa(join(root, "node_modules/.bin/c8"), ["report", ...options, ...reporters], { cwd: root, all: true });
  const summary: Summary = JSON.parse(readFileSync(join(reportFolder, "coverage-summary.json"), "utf8"));
  const packages = ["common", ...services.map(({ name }) => name)];
  return new Map([
    ...packages.map((name): [string, Coverage] => [name, coverageUnder(join(root, name, "src/"), summary)]),
    ["all", coverageUnder(root, summary)],
  ]);
}

function coverageUnder(folder: string, summary: Summary): Coverage {
  const files = Object.entries(summary).flatMap(([file, counts]) => (file.startsWith(folder) ? [counts] : []));
  const percent = (metric: Metric): number => {
    const [total, covered] = (["total", "covered"] as const).map((count) =>
      files.reduce((sum, file) => sum + file[metric][count], 0),
    );
    return Math.floor((1000 * Number(covered)) / Number(total)) / 10;
  };
  return { lines: percent("lines"), branches: percent("branches"), functions: percent("functions") };
}

/** The percentages that `make coverage` fails below, of all packages together. */
export function coverageFloors(): Coverage {
  const { lines, branches, functions } = JSON.parse(readFileSync(join(root, ".c8rc.json"), "utf8"));
  return { lines, branches, functions };
}
