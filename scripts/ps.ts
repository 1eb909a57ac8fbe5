import { composeShown } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { isReady, processOf, replicasOf } from "./stack/services.js";

async function showProcesses(count: number): Promise<void> {
  const rows = replicasOf(count).map(async (replica) => {
    const ready = await isReady(replica);
    const { running, pid } = processOf(replica);
    const state = running ? (ready ? "ready" : "not ready") : "stopped";
    return row(replica.name, state, pid, `http://localhost:${replica.port}`);
  });
  console.log(row("NAME", "STATE", "PID", "WHERE"));
  for (const line of await Promise.all(rows)) console.log(line);
  for (const { name, pid, fingerprint = "" } of serverProcesses())
    if (pid !== undefined) console.log(row(name, "running", pid, `127.0.0.1:${fingerprint}`));
}

function row(name: string, state: string, pid: number | string = "-", where: string): string {
  return `${name.padEnd(24)} ${state.padEnd(10)} ${String(pid).padEnd(8)} ${where}`;
}

await main(async () => {
  const { runtime, replicas } = await upRecord();
  await (runtime === "docker" ? composeShown("ps") : showProcesses(replicas));
});
