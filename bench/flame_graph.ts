// flame_graph.js PROFILE.cpuprofile GRAPH.svg: where the time of a process goes, as `node --cpu-prof` recorded it.
import { readFileSync, writeFileSync } from "node:fs";

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame; readonly children?: number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}
interface Frame {
  time: number;
  readonly children: Map<string, Frame>;
}

const [width, height] = [1_000, 15];
/** What is narrower, in parts of the whole, is left out. */
const narrowest = 0.003;
/** Express calls one middleware within the other. */
const deepest = 45;
const colors = { own: "#74c0fc", node: "#ced4da", package: "#ffd8a8", native: "#e9ecef" };

/** The function, and the package or module that has it. */
function nameOf({ functionName, url }: CallFrame): string {
  const name = functionName || "(anonymous)";
  const place =
    /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1] ??
    /\/(\w+)\/dist\/(.*)\.js$/.exec(url)?.slice(1).join("/") ??
    url.replace(/^node:(internal\/)?/, "node:");
  return place ? `${name} · ${place}` : name;
}

function colorOf(name: string): string {
  if (/ · (common|\w+_service)\//.test(name)) return colors.own;
  if (name.includes(" · node:")) return colors.node;
  return name.includes(" · ") ? colors.package : colors.native;
}

function framesOf({ nodes, samples, timeDeltas }: Profile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const root: Frame = { time: 0, children: new Map() };
  for (const [index, sample] of samples.entries()) {
    const names: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id);
      if (node) names.unshift(nameOf(node.callFrame));
    }
    if (names.includes("(idle)") || names.includes("(program)")) continue;
    const time = timeDeltas[index] ?? 0;
    root.time += time;
    let frame = root;
    for (const name of names.slice(1)) {
      const child: Frame = frame.children.get(name) ?? { time: 0, children: new Map() };
      frame.children.set(name, child);
      child.time += time;
      frame = child;
    }
  }
  return root;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function drawn(frame: Frame, total: number, x: number, depth: number): readonly string[] {
  let left = x;
  return [...frame.children].flatMap(([name, child]) => {
    const share = child.time / total;
    const at = left;
    left += share * width;
    if (share < narrowest || depth > deepest) return [];
    const title = `${escaped(name)}: ${(share * 100).toFixed(1)} %`;
    const shown = escaped(name.slice(0, Math.floor((share * width) / 6)));
    const box = `<rect x="${at.toFixed(1)}" y="${depth * height}" width="${(share * width).toFixed(1)}" height="${height - 1}" fill="${colorOf(name)}"/>`;
    const label = shown.length > 2 ? `<text x="${(at + 2).toFixed(1)}" y="${depth * height + 11}">${shown}</text>` : "";
    return [`<g><title>${title}</title>${box}${label}</g>`, ...drawn(child, total, at, depth + 1)];
  });
}

const [from = "", to = ""] = process.argv.slice(2);
const root = framesOf(JSON.parse(readFileSync(from, "utf8")));
const boxes = drawn(root, root.time, 0, 0);
const depth = Math.max(...boxes.map((box) => Number(/ y="(\d+)"/.exec(box)?.[1]))) + height;
writeFileSync(
  to,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${depth}" font-family="sans-serif" font-size="10">
<title>CPU time by function</title>
<rect width="100%" height="100%" fill="white"/>
${boxes.join("\n")}
</svg>
`,
);
