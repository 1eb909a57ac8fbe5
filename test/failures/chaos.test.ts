import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";

/** Kills and freezes of everything, and two at once. Always the same ones: what they bring to light comes again. */
const seed = 118;

const amount = (report: string, name: string): number =>
  Number(new RegExp(`^ *${name} +(\\d+)`, "m").exec(report)?.[1] ?? Number.NaN);

test("When make chaos makes ten faults at random, then every accepted order is printed, and the ledger says so", async (t) => {
  const script = join(root, "build/scripts/chaos.js");
  const env = { n: "10", SEED: `${seed}` };
  const { stdout, all, exitCode } = await execa(process.execPath, [script], { env, all: true, reject: false });
  t.diagnostic(stdout.trim());

  assert.equal(exitCode, 0, all);
  assert.ok(amount(stdout, "accepted") > 100, "there was load");
  assert.equal(amount(stdout, "printed"), amount(stdout, "accepted"));
  for (const name of ["doubled", "torn", "lost"]) assert.equal(amount(stdout, name), 0, name);
});
