import { composeUp, waitForServices } from "./stack/compose.js";
import { checkServicePorts, startServices } from "./stack/embedded.js";
import { main } from "./stack/main.js";
import { upRecord } from "./stack/runtime_choice.js";
import { processOf, replicasOf, serviceNamed, services } from "./stack/services.js";
import { setting } from "./stack/settings.js";

await main(async () => {
  const record = await upRecord();
  const name = setting("s");
  const chosen = replicasOf(record.replicas, name ? [serviceNamed(name)] : services);
  if (record.runtime === "docker") {
    await composeUp("--force-recreate", "--no-deps", ...chosen.map((replica) => replica.name));
    return waitForServices(replicasOf(record.replicas));
  }
  await Promise.all(chosen.map((replica) => processOf(replica).stop()));
  await checkServicePorts(chosen);
  await startServices(chosen, record);
});
