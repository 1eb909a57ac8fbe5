// connections_chart.js RESULTS.jsonl CHART.svg: req/s and p99 by the number of connections, both axes logarithmic.
import { readFileSync, writeFileSync } from "node:fs";
import { colors, stacks } from "./stacks.js";

interface Result {
  readonly peer: string;
  readonly label?: string;
  readonly scenario: string;
  readonly connections: number;
  readonly rps: number;
  readonly p99_ms: number;
}

const panels = [
  { title: "get user, req/s", scenario: "get-user", value: ({ rps }: Result) => rps },
  { title: "get user, p99 ms", scenario: "get-user", value: ({ p99_ms }: Result) => p99_ms },
  { title: "create order, req/s", scenario: "create-order", value: ({ rps }: Result) => rps },
  { title: "create order, p99 ms", scenario: "create-order", value: ({ p99_ms }: Result) => p99_ms },
];
const [width, height, gap] = [300, 170, 110];

const [from = "", to = ""] = process.argv.slice(2);
const lines = readFileSync(from, "utf8").trim().split("\n");
// Those of a scenario by itself have a label.
const results = lines.map((line): Result => JSON.parse(line)).filter(({ label }) => label === undefined);

const drawn = panels.map(({ title, scenario, value }, index) => {
  const rows = results.filter((row) => row.scenario === scenario);
  const [x0, y0] = [(index % 2) * (width + gap), Math.floor(index / 2) * (height + gap)];
  const values = rows.map(value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const xOf = ({ connections }: Result) => x0 + (Math.log2(connections) / 9) * width;
  const yOf = (row: Result) => y0 + height * (1 - Math.log(value(row) / low) / Math.log(high / low));
  const curves = Object.entries(stacks).map(([peer, stack], color) => {
    const points = rows.filter((row) => row.peer === peer).toSorted((a, b) => a.connections - b.connections);
    const [last] = points.slice(-1);
    if (!last) return "";
    const line = points.map((row) => `${xOf(row).toFixed(1)},${yOf(row).toFixed(1)}`).join(" ");
    const name = `<text x="${xOf(last) + 5}" y="${yOf(last) + 4}" fill="${colors[color]}">${stack}</text>`;
    return `<polyline points="${line}" fill="none" stroke-width="2" stroke="${colors[color]}"/>${name}`;
  });
  const ticks = [...new Set(rows.map(({ connections }) => connections))].map((connections) => {
    const x = x0 + (Math.log2(connections) / 9) * width;
    return `<text x="${x}" y="${y0 + height + 16}" text-anchor="middle">${connections}</text>`;
  });
  const scale = `<text x="${x0 - 6}" y="${y0 + 8}" text-anchor="end">${Math.round(high)}</text><text x="${x0 - 6}" y="${y0 + height}" text-anchor="end">${Math.round(low)}</text>`;
  const frame = `<rect x="${x0}" y="${y0}" width="${width}" height="${height}" fill="none" stroke="#dee2e6"/>`;
  return `<text x="${x0}" y="${y0 - 8}" font-weight="bold">${title}</text>${frame}${scale}${ticks.join("")}${curves.join("")}`;
});
writeFileSync(
  to,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -30 ${2 * (width + gap)} ${2 * (height + gap) - 40}" font-family="sans-serif" font-size="11">
<title>Requests a second and p99 by the number of connections; both axes are logarithmic</title>
<rect x="-50" y="-30" width="100%" height="100%" fill="white"/>
${drawn.join("\n")}
</svg>
`,
);
