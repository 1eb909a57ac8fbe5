import { type CheckResult, checkModel } from "./model/check.js";
import { mistakes } from "./model/mistakes.js";
import { testFolder } from "./runtime/run_folder.js";
import { installSpin } from "./runtime/spin.js";
import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { wholeNumber } from "./stack/settings.js";

async function model(): Promise<void> {
  const faults = wholeNumber("n", 3);
  const missing = await installSpin();
  if (missing.length > 0)
    throw new UserError(
      `The model can't be checked without ${missing.join(" and ")}: apt-get install spin gcc libc6-dev`,
    );
  const result = await checkModel({ folder: testFolder("model"), faults });
  show(`The protocol, with up to ${faults} faults`, result);
  if (result.trace.length > 0) throw new UserError("The protocol breaks a promise; see above");
  for (const { name, title, faults, broken } of mistakes) {
    const found = await checkModel({ folder: testFolder("model"), faults, mistake: name });
    show(`With a mistake: ${title} (${name})`, found);
    if (found.trace.at(-1) !== broken) throw new UserError(`${name}: expected a run that ends with "${broken}"`);
  }
}

function show(title: string, { states, seconds, trace }: CheckResult): void {
  console.log(`${title}: ${states.toLocaleString("en")} states, ${seconds.toFixed(1)} s`);
  console.log(trace.length > 0 ? `${trace.map((step) => `    ${step}`).join("\n")}\n` : "    every promise is kept\n");
}

await main(model);
