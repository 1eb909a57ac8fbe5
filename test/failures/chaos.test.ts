import assert from "node:assert/strict";
import { test } from "node:test";
import { runScript } from "../support/scripts.js";

/** Kills and freezes of everything, and two at once. Always the same ones: what they bring to light comes again. */
const seed = 118;

const amount = (report: string, name: string): number =>
  Number(new RegExp(`^ *${name} +(\\d+)`, "m").exec(report)?.[1] ?? Number.NaN);

test("When make chaos makes ten faults at random, then every accepted order is printed, and the ledger says so", async (t) => {
  const { stdout, all, exitCode } = await runScript("chaos", { n: "10", SEED: `${seed}` });
  t.diagnostic(stdout.trim());

  assert.equal(exitCode, 0, all);
  assert.ok(amount(stdout, "accepted") > 100, "there was load");
  assert.equal(amount(stdout, "printed"), amount(stdout, "accepted"));
  for (const name of ["doubled", "torn", "lost"]) assert.equal(amount(stdout, name), 0, name);
});
