import { listenerOf } from "./runtime/port_owner.js";
import { composeShown, runningContainers } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { isReady, processOf, type Replica, replicasOf } from "./stack/services.js";

const rowOf = async (replica: Replica) => {
  const ready = await isReady(replica);
  // A service of make dev has no pid file.
  const pid = processOf(replica).pid ?? (await listenerOf(replica.port))?.["pid"];
  const state = ready ? "ready" : pid ? "not ready" : "stopped";
  return row(replica.name, state, pid, `http://localhost:${replica.port}`);
};

async function showProcesses(count: number): Promise<void> {
  const rows = await Promise.all(replicasOf(count).map(rowOf));
  console.log([row("NAME", "STATE", "PID", "WHERE"), ...rows].join("\n"));
  for (const { name, pid, fingerprint = "" } of serverProcesses())
    if (pid !== undefined) console.log(row(name, "running", pid, `127.0.0.1:${fingerprint}`));
}

async function showContainers(): Promise<void> {
  await composeShown("ps");
  const running = await runningContainers();
  // Those of make dev, which are no containers.
  for (const replica of replicasOf(1).filter(({ name }) => !running.includes(name)))
    if (await isReady(replica)) console.log(await rowOf(replica));
}

function row(name: string, state: string, pid: number | string = "-", where: string): string {
  return `${name.padEnd(24)} ${state.padEnd(10)} ${String(pid).padEnd(8)} ${where}`;
}

await main(async () => {
  const { runtime, replicas } = await upRecord();
  await (runtime === "docker" ? showContainers() : showProcesses(replicas));
});
