import { parseCommandString } from "execa";
import { UserError } from "./runtime/user_error.js";
import { compose } from "./stack/compose.js";
import { findBroker } from "./stack/embedded.js";
import { main } from "./stack/main.js";
import { upRecord } from "./stack/runtime_choice.js";
import { setting } from "./stack/settings.js";

await main(async () => {
  const args = parseCommandString(setting("args") ?? "help");
  const { runtime } = await upRecord();
  if (runtime === "docker") return console.log(await compose("exec", "-T", "rabbitmq", "rabbitmqctl", ...args));
  const broker = await findBroker();
  if (!("ctl" in broker)) throw new UserError("make up did not start this broker: use rabbitmqctl where it runs");
  console.log(await broker.ctl(...args));
});
