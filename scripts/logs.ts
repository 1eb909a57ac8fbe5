import { execa } from "execa";
import { composeShown } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { prefixed } from "./stack/prefix.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { processOf, serviceNamed, services } from "./stack/services.js";
import { setting } from "./stack/settings.js";

/** The services, or the one that `s` names; the database and the broker have logs too. */
function chosenProcesses(name: string | undefined) {
  if (!name) return services.map(processOf);
  const server = serverProcesses().find((child) => child.name === name);
  return [server ?? processOf(serviceNamed(name))];
}

async function follow(): Promise<void> {
  const shown = chosenProcesses(setting("s")).flatMap(({ name, outLog, errorLog }, index) =>
    [outLog, errorLog].map((file) => {
      const tail = execa("tail", ["-n", "30", "-F", file], { reject: false });
      return prefixed(name, index, tail.iterable());
    }),
  );
  await Promise.all(shown);
}

await main(async () => {
  const name = setting("s");
  if ((await upRecord()).runtime === "embedded") return follow();
  const chosen = services.filter((service) => !name || service.short === name).map((service) => service.name);
  // What is no service of ours is a name for docker compose: mongodb, rabbitmq.
  await composeShown("logs", "--follow", "--tail", "30", ...(chosen.length > 0 || !name ? chosen : [name]));
});
