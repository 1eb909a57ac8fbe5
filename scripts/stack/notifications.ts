import { readFileSync } from "node:fs";
import { execa } from "execa";
import { compose } from "./compose.js";
import { upRecord } from "./runtime_choice.js";
import { processOf, replicasOf, serviceNamed } from "./services.js";

/** What notifications_service has printed on standard output since it started; in containers: in the last ten minutes. */
export async function printedLines(): Promise<readonly string[]> {
  const { runtime, replicas: count } = await upRecord();
  const replicas = replicasOf(count, [serviceNamed("notifications")]);
  if (runtime === "docker") return containerLines(replicas.map(({ name }) => name));
  return replicas.flatMap((replica) => readFileSync(processOf(replica).outLog, "utf8").split("\n"));
}

/** By `docker logs`, which keeps the two outputs apart; compose mixes them and adds control characters. */
async function containerLines(names: readonly string[]): Promise<readonly string[]> {
  const ids = (await compose("ps", "--quiet", ...names)).split("\n").filter((id) => id !== "");
  // No flow takes that long, and the whole log may be large.
  const outputs = ids.map(async (id) => (await execa("docker", ["logs", "--since", "10m", id])).stdout);
  return (await Promise.all(outputs)).flatMap((output) => output.split("\n"));
}

/** How often the order's line was printed. */
export async function timesPrinted(orderId: string): Promise<number> {
  const line = `New order received: ${orderId}`;
  return (await printedLines()).filter((printed) => printed === line).length;
}
