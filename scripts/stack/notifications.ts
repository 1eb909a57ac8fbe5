import { readFileSync } from "node:fs";
import { compose } from "./compose.js";
import { upRecord } from "./runtime_choice.js";
import { processOf, serviceNamed } from "./services.js";

/** The lines that notifications_service has printed on standard output since it started. */
export async function printedLines(): Promise<readonly string[]> {
  const service = serviceNamed("notifications");
  // Compose mixes both outputs: a line of the log is JSON or has a time before it, and is never one of ours.
  if ((await upRecord()).runtime === "docker")
    return (await compose("logs", "--no-color", "--no-log-prefix", service.name)).split("\n");
  return readFileSync(processOf(service).outLog, "utf8").split("\n");
}

/** How often the order's line was printed. */
export async function timesPrinted(orderId: string): Promise<number> {
  const line = `New order received: ${orderId}`;
  return (await printedLines()).filter((printed) => printed === line).length;
}
