import { cpus } from "node:os";
import { main } from "../scripts/stack/main.js";
import { wholeNumber } from "../scripts/stack/settings.js";
import { bcryptCeiling, publishCeiling } from "./ceilings.js";
import { rounded, showTable } from "./figure.js";
import { drive, type Figures, median } from "./load.js";
import { type Ceiling, type Row, rows } from "./rows.js";
import { BenchServers } from "./servers.js";
import type { System } from "./system.js";

let servers: BenchServers | undefined;

async function bench(): Promise<void> {
  const [seconds, rounds] = [wholeNumber("seconds", 3, 1), wholeNumber("rounds", 3, 1)];
  servers = await BenchServers.start("bench");
  const { database, broker } = servers;
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${broker.kind}, ${database.kind}`);
  console.log(`${rounds} rounds of ${seconds} s, medians; each row beside its ceiling in the same round\n`);
  const system = await servers.system("now");
  const results: Record<string, object> = {};
  for (const row of rows) {
    // The consumer's rows have their own length: they print what waits.
    const times = row.ceiling === "publish" ? 1 : rounds;
    results[row.name] = resultOf(row, await measure(servers, system, row, seconds, times));
    console.log(`${row.name}: done`);
  }
  showTable(results);
  await servers.remove();
}

interface Measured {
  readonly rounds: readonly Figures[];
  readonly ceilings: readonly number[];
}

async function measure(
  servers: BenchServers,
  system: System,
  row: Row,
  seconds: number,
  times: number,
): Promise<Measured> {
  const measured = { rounds: [] as Figures[], ceilings: [] as number[] };
  // Warm-up: V8 compiles hot code.
  if (times > 1) await row.measure(system, 1, servers.broker.url);
  for (let round = 0; round < times; round += 1) {
    measured.rounds.push(await row.measure(system, seconds, servers.broker.url));
    if (row.ceiling) measured.ceilings.push(await ceilingOf(row.ceiling, servers, seconds));
  }
  return measured;
}

/** The operations a second that the ceiling of a row makes. */
async function ceilingOf(
  ceiling: Ceiling,
  { broker, staticUrl, staticPid }: BenchServers,
  seconds: number,
): Promise<number> {
  if (ceiling === "bcryptjs") return bcryptCeiling(seconds);
  if (ceiling === "publish") return publishCeiling(broker.url, seconds);
  const call = { path: "/", expected: 200 };
  return (await drive({ url: staticUrl, pid: staticPid, call, seconds })).perSecond;
}

function resultOf({ ceiling }: Row, { rounds, ceilings }: Measured) {
  const middle = (figure: keyof Figures) => median(rounds.map((round) => round[figure] ?? Number.NaN));
  return {
    "per second": rounded(middle("perSecond")),
    "p50 ms": rounded(middle("p50")),
    "p99 ms": rounded(middle("p99")),
    "CPU ms": rounded(middle("cpuMs")),
    MB: rounded(middle("memoryMb")),
    ceiling,
    ratio: rounded(middle("perSecond") / median(ceilings)),
  };
}

await main(bench, { cleanup: async () => servers?.remove() });
