import { statfsSync } from "node:fs";
import { execa } from "execa";
import { root } from "./runtime/paths.js";
import { assertFree } from "./runtime/ports.js";
import { compose, composeServers, composeUp, composeUrls, setReplicas } from "./stack/compose.js";
import { checkServicePorts, startServers } from "./stack/embedded.js";
import { main } from "./stack/main.js";
import { prefixed } from "./stack/prefix.js";
import { serviceProcesses } from "./stack/processes.js";
import { chooseBrokers, chooseTrace, writeRecord } from "./stack/record.js";
import { chooseRuntime } from "./stack/runtime_choice.js";
import { devFlagsOf, entryOf, environmentOf, replicasOf, type Servers, services } from "./stack/services.js";
import { portOf } from "./stack/settings.js";

/** A service has ten seconds to end what it does. */
const stopDeadlineMs = 12_000;
/** OVERLAYFS_SUPER_MAGIC. tsc's file events (fanotify) don't work there. */
const overlayFileSystem = 0x794c7630;
const stops: (() => Promise<unknown>)[] = [];

async function dev(): Promise<void> {
  const servers = (await chooseRuntime()) === "docker" ? await startContainers() : await startServers();
  await Promise.all(serviceProcesses().map((child) => child.stop()));
  await checkServicePorts(replicasOf(1));
  for (const { debugPortVariable } of services) await assertFree(portOf(debugPortVariable), debugPortVariable);
  if (statfsSync(root).type === overlayFileSystem)
    console.log("\nOn this overlay file system tsc may see no changes: after an edit, run npm run build.");
  console.log("\nServices reload when a source changes. Ctrl-C stops them; make down stops the rest.\n");
  const watch = ["--build", "--watch", "--preserveWatchOutput"];
  const tsc = runShown("tsc", services.length, process.env, "node_modules/.bin/tsc", watch);
  const running = replicasOf(1).map((replica, index) => {
    const args = [...devFlagsOf(portOf(replica.service.debugPortVariable)), entryOf(replica.service)];
    return runShown(replica.name, index, environmentOf(replica, servers), process.execPath, args);
  });
  await Promise.all([tsc, ...running]);
}

/** The database and the broker of the compose file, without its services. */
async function startContainers(): Promise<Servers> {
  await setReplicas(1);
  writeRecord({ runtime: "docker", replicas: 1, brokers: chooseBrokers(), trace: chooseTrace() });
  await compose("stop", ...services.map(({ name }) => name));
  await composeUp("--wait", ...composeServers);
  return composeUrls();
}

function runShown(name: string, index: number, env: NodeJS.ProcessEnv, file: string, args: readonly string[]) {
  // tsc is a script that starts the compiler and hands no signal on: a group of their own gets it.
  const detached = file !== process.execPath;
  const options = { cwd: root, env, all: true, reject: false, forceKillAfterDelay: stopDeadlineMs, detached } as const;
  const child = execa(file, args, options);
  stops.push(async () => {
    if (detached && child.pid && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    else child.kill("SIGTERM");
    await child;
  });
  return prefixed(name, index, child.iterable({ from: "all" }));
}

await main(dev, {
  cleanup: async () => {
    await Promise.all(stops.map((stop) => stop()));
  },
  untilStopped: true,
});
