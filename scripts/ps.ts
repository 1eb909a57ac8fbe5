import { composeShown } from "./stack/compose.js";
import { main } from "./stack/main.js";
import { serverProcesses } from "./stack/processes.js";
import { upRecord } from "./stack/runtime_choice.js";
import { isReady, processOf, services } from "./stack/services.js";
import { portOf } from "./stack/settings.js";

async function showProcesses(): Promise<void> {
  const rows = services.map(async (service) => {
    const ready = await isReady(service);
    const { running, pid } = processOf(service);
    const state = running ? (ready ? "ready" : "not ready") : "stopped";
    return row(service.name, state, pid, `http://localhost:${portOf(service.portVariable)}`);
  });
  console.log(row("NAME", "STATE", "PID", "WHERE"));
  for (const line of await Promise.all(rows)) console.log(line);
  for (const { name, pid, fingerprint = "" } of serverProcesses())
    if (pid !== undefined) console.log(row(name, "running", pid, `127.0.0.1:${fingerprint}`));
}

function row(name: string, state: string, pid: number | string = "-", where: string): string {
  return `${name.padEnd(22)} ${state.padEnd(10)} ${String(pid).padEnd(8)} ${where}`;
}

await main(async () => ((await upRecord()).runtime === "docker" ? composeShown("ps") : showProcesses()));
