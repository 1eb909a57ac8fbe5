import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../runtime/paths.js";
import { lastLines, UserError } from "../runtime/user_error.js";

const model = "orders.pml";

interface Check {
  /** Where the checker is built; it is removed afterwards. */
  readonly folder: string;
  /** How many faults happen at most in a run. */
  readonly faults: number;
  /** The mistake that is made. Then the shortest run that breaks a promise is looked for. */
  readonly mistake?: string;
}

export interface CheckResult {
  readonly states: number;
  readonly seconds: number;
  /** The steps that break a promise, the last line says which; empty where all are kept. */
  readonly trace: readonly string[];
}

/** Explores every state of the model, or stops at the first that breaks a promise. */
export async function checkModel({ folder, faults, mistake }: Check): Promise<CheckResult> {
  const defines = [`-DFAULTS=${faults}`, ...(mistake ? [`-D${mistake}`] : [])];
  // Breadth first finds the shortest run, and depth first also runs that go in circles. All steps touch what others
  // see, so looking for those that don't (NOREDUCE) has no use.
  const [search, options] = mistake ? [["-DBFS", "-DNOCLAIM"], ["-E"]] : [[], ["-a", "-m100000"]];
  await mkdir(folder, { recursive: true });
  const run = (file: string, ...args: readonly string[]) =>
    execa(file, args, { cwd: folder, all: true, stdin: "ignore" });
  try {
    // Spin writes beside the model.
    await copyFile(join(root, "model", model), join(folder, model));
    await run("spin", "-a", ...defines, model);
    await run("gcc", "-O2", "-w", "-DNOREDUCE", ...search, "-o", "pan", "pan.c");
    const start = performance.now();
    const { all: report } = await run("./pan", ...options, "-w24");
    const seconds = (performance.now() - start) / 1000;
    const [, states] = /([\d.e+]+) states, stored/.exec(report) ?? [];
    const [, errors] = /errors: (\d+)/.exec(report) ?? [];
    if (!states || !errors || (errors === "0" && report.includes("not completed")))
      throw new UserError("The model was not checked to its end", lastLines(report));
    const trace = errors === "0" ? "" : (await run("spin", "-t", "-T", "-B", ...defines, model)).all;
    return { states: Number(states), seconds, trace: stepsIn(trace) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the model itself prints, without what Spin does. */
const stepsIn = (text: string): readonly string[] =>
  text.split("\n").filter((line) => /^(client|\w+_service|a relay|the late|BROKEN)\b/.test(line));
