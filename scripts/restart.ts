import { composeUp, waitForServices } from "./stack/compose.js";
import { startServices } from "./stack/embedded.js";
import { main } from "./stack/main.js";
import { upRecord } from "./stack/runtime_choice.js";
import { processOf, serviceNamed, services } from "./stack/services.js";
import { setting } from "./stack/settings.js";

await main(async () => {
  const record = await upRecord();
  const name = setting("s");
  const chosen = name ? [serviceNamed(name)] : services;
  if (record.runtime === "docker") {
    await composeUp("--force-recreate", "--no-deps", ...chosen.map((service) => service.name));
    return waitForServices();
  }
  await Promise.all(chosen.map((service) => processOf(service).stop()));
  await startServices(chosen, record);
});
