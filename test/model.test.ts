import assert from "node:assert/strict";
import { test } from "node:test";
import { checkModel } from "../scripts/model/check.js";
import { mistakes } from "../scripts/model/mistakes.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { installSpin } from "../scripts/runtime/spin.js";

/** What needs more takes `make model` half a minute. */
const maxFaults = 2;
const missing = await installSpin();
const howTo = `${missing.join(" and ")} can't be installed without asking: apt-get install spin gcc libc6-dev`;
// A runner of GitHub must have it.
const skip = missing.length > 0 && !process.env["GITHUB_ACTIONS"] && howTo;

test("When up to two faults happen, then no run of the model breaks a promise", { skip }, async () => {
  const { states, trace } = await checkModel({ folder: testFolder("model"), faults: maxFaults });
  assert.deepEqual(trace, []);
  assert.ok(states > 100_000, `${states} states`);
});

for (const { name, title, faults, broken } of mistakes.filter((mistake) => mistake.faults <= maxFaults))
  test(`When ${title}, then the model has a run that breaks a promise`, { skip }, async () => {
    const { trace } = await checkModel({ folder: testFolder("model"), faults, mistake: name });
    assert.equal(trace.at(-1), broken);
  });
