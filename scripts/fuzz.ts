import { randomBytes } from "node:crypto";
import { residentMb } from "./chaos/memory_watch.js";
import { RestartableService } from "./chaos/restartable_service.js";
import { fuzz, installSchemathesis } from "./fuzz/schemathesis.js";
import { freePort } from "./runtime/free_port.js";
import { testFolder } from "./runtime/run_folder.js";
import { ownBroker, ownDatabase } from "./runtime/servers.js";
import { UserError } from "./runtime/user_error.js";
import { waitUntil } from "./runtime/wait.js";
import { main } from "./stack/main.js";
import { wholeNumber } from "./stack/settings.js";
import { removeRun } from "./stack/test_run.js";

const folder = testFolder("fuzz");
const running: { remove(): Promise<void> }[] = [];
const apiKey = randomBytes(16).toString("hex");

async function fuzzBoth(): Promise<void> {
  const [seconds, seed] = [wholeNumber("n", 60, 1), wholeNumber("SEED", Date.now() % 1_000_000)];
  await installSchemathesis();
  const env = { ...(await startServers()), API_KEY: apiKey, BCRYPT_ROUNDS: "10", LOG_LEVEL: "warn" };
  const unclean: string[] = [];
  for (const service of ["user_service", "orders_service"] as const) {
    const process = new RestartableService({ service, name: service, folder, port: await freePort(), env });
    running.push({ remove: () => process.kill() });
    await process.start();
    await waitUntil(() => process.isReady(), { what: `${service} is ready`, deadlineMs: 30_000 });
    if (!(await fuzzOne(process, Math.ceil(seconds / 2), seed))) unclean.push(service);
  }
  await cleanup();
  if (unclean.length > 0) throw new UserError(`schemathesis found failures in ${unclean.join(" and ")}; see above`);
}

async function startServers(): Promise<Readonly<Record<string, string>>> {
  const [database, broker] = await Promise.all([ownDatabase(folder), ownBroker(folder)]);
  running.push(database, broker);
  await Promise.all([database.start(), broker.start()]);
  return { MONGODB_URI: database.url, RABBITMQ_URL: broker.url };
}

async function fuzzOne(service: RestartableService, seconds: number, seed: number): Promise<boolean> {
  console.log(`\n${service.name} for ${seconds} s (half of n), SEED=${seed}`);
  const before = residentMb([service]);
  const { clean, report } = await fuzz({ url: service.url, apiKey, seconds, seed });
  console.log(`${report}\nMemory of ${service.name}: ${before} MB before, ${residentMb([service])} MB after`);
  return clean;
}

async function cleanup(): Promise<void> {
  await Promise.all(running.map((one) => one.remove()));
  await removeRun(folder);
}

await main(fuzzBoth, { cleanup });
