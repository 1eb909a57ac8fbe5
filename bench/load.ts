import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { residentMb } from "../scripts/chaos/memory_watch.js";
import { UserError } from "../scripts/runtime/user_error.js";
import { waitUntil } from "../scripts/runtime/wait.js";

/** What one load did: rates per second, latencies in milliseconds. */
export interface Figures {
  readonly perSecond: number;
  readonly p50?: number;
  readonly p99?: number;
  /** CPU time of the server's process for one request, in milliseconds; not known but on Linux. */
  readonly cpuMs?: number;
  /** What it has in memory at the end, in MiB (its resident set). */
  readonly memoryMb?: number;
}

export interface Call {
  readonly method?: "GET" | "POST";
  readonly path: string;
  /** Makes the JSON body of the next request. */
  readonly body?: () => object;
  readonly expected: number;
}

export interface Load {
  readonly url: string;
  /** Whose CPU time and memory are looked at. */
  readonly pid: number | undefined;
  readonly call: Call;
  readonly seconds: number;
  readonly connections?: number;
}

/** Sends calls for `seconds`, one at a time on each connection. Throws a `UserError` for any unexpected status. */
export async function drive({ url, pid, call, seconds, connections = 32 }: Load): Promise<Figures> {
  const before = cpuSeconds(pid);
  const { requests, latency, duration, statusCodeStats, errors } = await autocannon({
    url: url + call.path,
    connections,
    duration: seconds,
    method: call.method ?? "GET",
    headers: { "Content-Type": "application/json" },
    // Not `body`: each has to be another one.
    ...(call.body && { requests: [{ setupRequest: withBody(call.body) }] }),
  });
  const after = cpuSeconds(pid);
  const others = Object.keys(statusCodeStats ?? {}).filter((status) => Number(status) !== call.expected);
  if (others.length > 0 || errors > 0 || requests.total === 0)
    throw new UserError(
      `${url}${call.path} answered ${others.join(", ")} (${errors} errors), and not ${call.expected}`,
    );
  const memoryMb = residentMb([{ pid }]);
  // What was cut off, such as hashes, must not run beside what is measured next.
  await waitUntil(() => isIdle(pid), { what: "nothing is under way any more", deadlineMs: 20_000 });
  return {
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    ...(before !== undefined && after !== undefined && { cpuMs: ((after - before) * 1_000) / requests.total }),
    memoryMb,
  };
}

/** Whether a process takes less than a fifth of a core just now. */
async function isIdle(pid: number | undefined): Promise<boolean> {
  const before = cpuSeconds(pid) ?? 0;
  await sleep(100);
  return (cpuSeconds(pid) ?? 0) - before < 0.02;
}

const withBody = (body: () => object) => (request: autocannon.Request) => ({
  ...request,
  body: JSON.stringify(body()),
});

/** User and system time of a process with all its threads, in seconds (proc(5): fields 14 and 15, in hundredths). */
export function cpuSeconds(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
    return fields && (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
