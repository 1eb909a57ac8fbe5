import { cpus } from "node:os";
import { main } from "../scripts/stack/main.js";
import { wholeNumber } from "../scripts/stack/settings.js";
import { bcryptFloor, publishFloor } from "./floors.js";
import { drive, type Figures, median } from "./load.js";
import { type Floor, type Row, rows } from "./rows.js";
import { Servers } from "./servers.js";
import type { System } from "./system.js";
import { shown, table } from "./table.js";

let servers: Servers | undefined;

async function bench(): Promise<void> {
  const [seconds, rounds] = [wholeNumber("seconds", 3), wholeNumber("rounds", 3)];
  servers = await Servers.start("bench");
  const { database, broker } = servers;
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${broker.kind}, ${database.kind}`);
  console.log(`${rounds} rounds of ${seconds} s, medians; each row beside its floor in the same round\n`);
  const system = await servers.system("now");
  const lines: (readonly string[])[] = [["row", "per second", "p50 ms", "p99 ms", "CPU ms", "MB", "to", "ratio"]];
  for (const row of rows) {
    // The consumer's rows have their own length: they print what waits.
    const times = row.floor === "publish" ? 1 : rounds;
    lines.push(cells(row, await measure(servers, system, row, seconds, times)));
    console.log(lines.at(-1)?.join("  "));
  }
  console.log(`\n${table(lines)}`);
  await servers.remove();
}

interface Measured {
  readonly rounds: readonly Figures[];
  readonly floors: readonly number[];
}

async function measure(servers: Servers, system: System, row: Row, seconds: number, times: number): Promise<Measured> {
  const measured = { rounds: [] as Figures[], floors: [] as number[] };
  // Once for nothing: V8 compiles what it finds to be hot.
  if (times > 1) await row.measure(system, 1, servers.broker.url);
  for (let round = 0; round < times; round += 1) {
    measured.rounds.push(await row.measure(system, seconds, servers.broker.url));
    if (row.floor) measured.floors.push(await floorOf(row.floor, servers, seconds));
  }
  return measured;
}

/** The operations a second that the floor of a row makes. */
async function floorOf(floor: Floor, { broker, staticUrl, staticPid }: Servers, seconds: number): Promise<number> {
  if (floor === "bcryptjs") return bcryptFloor(seconds);
  if (floor === "publish") return publishFloor(broker.url, seconds);
  const call = { path: "/", expected: 200 };
  return (await drive({ url: staticUrl, pid: staticPid, call, seconds })).perSecond;
}

function cells({ name, floor }: Row, { rounds, floors }: Measured): readonly string[] {
  const middle = (figure: keyof Figures) => {
    const known = rounds.map((round) => round[figure]).filter((value) => value !== undefined);
    return known.length > 0 ? median(known) : undefined;
  };
  const ratio = (middle("perSecond") ?? Number.NaN) / median(floors);
  const figures = (["perSecond", "p50", "p99", "cpuMs", "memoryMb"] as const).map((figure) => shown(middle(figure)));
  return [name, ...figures, floor ?? "", floor ? ratio.toFixed(2) : ""];
}

await main(bench, { cleanup: async () => servers?.remove() });
