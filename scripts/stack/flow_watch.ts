import { setTimeout as sleep } from "node:timers/promises";
import logUpdate from "log-update";
import { apiKey } from "./flow.js";
import { terminalText } from "./terminal_text.js";

/** Rates and quantiles are those of the last seconds. */
const windowMs = 5_000;

interface Target {
  readonly name: string;
  readonly url: string;
}

interface Sample {
  readonly at: number;
  /** Each series with the value that each process has for it. */
  readonly series: ReadonlyMap<string, readonly number[]>;
  /** What is up and what is not, by name. */
  readonly states: ReadonlyMap<string, string>;
}

/** How orders flow, in a line, from `/metrics` and `/ready` of orders_service and notifications_service. */
export class FlowWatch {
  readonly #targets: readonly Target[];
  #samples: readonly Sample[] = [];

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
  }

  /** `waiting`: how many orders wait, where the caller knows better than the outbox, which is counted every 5 s. */
  async line(waiting?: number): Promise<string> {
    const now = await takeSample(this.#targets);
    // The last one at least: on a busy machine it may be older than the window.
    this.#samples = [
      ...this.#samples.filter(({ at }, index, { length }) => at > now.at - windowMs || index === length - 1),
      now,
    ];
    const first = this.#samples[0] ?? now;
    const figure = (name: RegExp) => [...now.series].find(([series]) => name.test(series))?.[1].at(-1) ?? "?";
    return [
      `in ${rate(first, now, "orders_insert_batch_size_sum")}/s`,
      `waiting ${waiting ?? figure(/^outbox_waiting_orders/)}`,
      `printed ${rate(first, now, 'notifications_messages_total{outcome="printed"}')}/s`,
      `p50 ${delay(first, now, 0.5)}, p99 ${delay(first, now, 0.99)}`,
      `dead letters ${figure(/^dead_letter_queue_messages/)}`,
      ...[...now.states].map(([name, state]) => `${name} ${state}`),
    ].join(", ");
  }
}

async function takeSample(targets: readonly Target[]): Promise<Sample> {
  const [series, states] = [new Map<string, number[]>(), new Map<string, string>()];
  await Promise.all(
    targets.map(async ({ name, url }) => {
      const [metrics, ready] = [await get(`${url}/metrics`), await get(`${url}/ready`)];
      for (const [, key = "", value] of metrics.matchAll(/^(\w+(?:\{.*\})?) ([\d.e+-]+)$/gm))
        series.set(key, [...(series.get(key) ?? []), Number(value)]);
      // Of several processes that need a server, one that is without it counts.
      for (const [, server = "", state = ""] of ready.matchAll(/"(rabbitmq|mongodb)":\{"status":"(\w+)"/g))
        if (states.get(server) !== "down") states.set(server, state);
      if (ready === "") states.set(name, "does not respond");
    }),
  );
  return { at: performance.now(), series, states: new Map([...states].sort()) };
}

async function get(url: string): Promise<string> {
  try {
    const headers = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };
    return await (await fetch(url, { headers, signal: AbortSignal.timeout(3_000) })).text();
  } catch {
    return "";
  }
}

const sum = ({ series }: Sample, name: string): number =>
  (series.get(name) ?? []).reduce((total, value) => total + value, 0);

/** None where a process was started again, and counts from zero, or did not respond before. */
const increase = (first: Sample, now: Sample, name: string): number =>
  first.series.has(name) ? Math.max(sum(now, name) - sum(first, name), 0) : 0;

const rate = (first: Sample, now: Sample, name: string): string =>
  ((increase(first, now, name) * 1_000) / Math.max(now.at - first.at, 1)).toFixed(1);

/** The quantile of the time from an order to its line: within its bucket as if values were spread evenly. */
function delay(first: Sample, now: Sample, quantile: number): string {
  const names = [...now.series.keys()].filter((name) => name.startsWith("notifications_delay_seconds_bucket"));
  const wanted = quantile * increase(first, now, names.at(-1) ?? "");
  let [from, below] = [0, 0];
  for (const name of names) {
    const [to, count] = [Number(/le="([\d.]+)"/.exec(name)?.[1] ?? from), increase(first, now, name)];
    if (count > 0 && count >= wanted) {
      const seconds = from + ((to - from) * (wanted - below)) / (count - below);
      return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${seconds.toFixed(1)} s`;
    }
    [from, below] = [to, count];
  }
  return "-";
}

/** Shows the line each second until the signal is aborted, and once more. */
export async function showEachSecond(line: () => Promise<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    showInPlace(await line());
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
  showInPlace(await line());
  logUpdate.done();
}

/** Replaces the line that was shown before on a terminal; elsewhere each stays. */
export function showInPlace(line: string): void {
  if (process.stdout.isTTY) logUpdate(wrapWords(terminalText(line)));
  else console.log(terminalText(line));
}

/** Lines of that width, broken at spaces. */
export const wrapWords = (text: string, width = process.stdout.columns - 1): string =>
  text.replaceAll(new RegExp(`(.{1,${width}})(?: |$)`, "g"), "$1\n").trimEnd();

/** Prints a line that stays, above the one that changes. */
export function say(text: string): void {
  if (process.stdout.isTTY) logUpdate.clear();
  console.log(text);
}
