// chart.js RESULTS.jsonl CHART.svg: req/s of each stack in each scenario, as bars; the longest of a scenario is full.
import { readFileSync, writeFileSync } from "node:fs";
import { colors, stacks } from "./stacks.js";

interface Result {
  readonly peer: string;
  readonly label: string;
  readonly rps: number;
}

const scenarios = {
  health: "health",
  "get-user": "get user",
  "validate-reject": "reject bad input",
  "create-user": "create user",
  mixed: "get user beside 4 creators",
  "create-order saved": "create order",
};
const [bar, gap, left, width, right] = [16, 26, 270, 400, 70];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function chart(results: readonly Result[]): string {
  const names = Object.entries(stacks);
  const height = bar * names.length + gap;
  const groups = Object.entries(scenarios).map(([label, title], group) => {
    const rates = names.map(([peer]) =>
      mean(results.filter((row) => row.peer === peer && row.label === label).map(({ rps }) => rps)),
    );
    const max = Math.max(...rates);
    const bars = rates.map((rate, index) => {
      const y = group * height + index * bar;
      const length = ((rate / max) * width).toFixed(1);
      return (
        `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${names[index]?.[1]}</text>` +
        `<rect x="${left}" y="${y + 2}" width="${length}" height="${bar - 4}" fill="${colors[index]}"/>` +
        `<text x="${left + Number(length) + 6}" y="${y + 12}">${rate.toFixed(rate < 100 ? 1 : 0)}</text>`
      );
    });
    return `<text x="0" y="${group * height + 12}" font-weight="bold">${title}</text>${bars.join("\n")}`;
  });
  const size = `${left + width + right} ${height * groups.length}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 ${size}" font-family="sans-serif" font-size="11">
<title>Requests a second, by scenario and stack; each scenario has its own scale</title>
<rect x="-10" y="-10" width="100%" height="100%" fill="white"/>
${groups.join("\n")}
</svg>
`;
}

const [from = "", to = ""] = process.argv.slice(2);
const lines = readFileSync(from, "utf8").trim().split("\n");
writeFileSync(to, chart(lines.map((line): Result => JSON.parse(line))));
