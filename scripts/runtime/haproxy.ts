import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findOrInstall } from "./apt.js";
import { freePort } from "./free_port.js";
import { isTaken } from "./ports.js";
import { BackgroundProcess } from "./processes.js";
import { onPath } from "./programs.js";

/** HAProxy's program, installed if that needs no question; undefined where there is none. */
export const haproxyProgram = (): Promise<string | undefined> =>
  findOrInstall(() => onPath("haproxy", { last: ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"] }), "haproxy");

interface Haproxy {
  stop(): Promise<void>;
  /** Whether it has found every replica ready. */
  allUp(): Promise<boolean>;
}

/** Starts HAProxy in front of replicas: a port of this machine -> the addresses of the replicas behind it. */
export async function startHaproxy(
  program: string,
  folder: string,
  fronts: ReadonlyMap<number, readonly string[]>,
): Promise<Haproxy> {
  const proxies = [...fronts].map(([port, addresses]) => [
    `listen on_${port}`,
    `  bind 127.0.0.1:${port}`,
    "  option httpchk GET /ready",
    ...addresses.map((address, index) => `  server replica_${index + 1} ${address} check inter 500ms fall 1 rise 1`),
  ]);
  const statsPort = await freePort();
  const stats = ["frontend stats", `  bind 127.0.0.1:${statsPort}`, "  stats enable", "  stats uri /"];
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, `${[...defaults, ...stats, ...proxies.flat()].join("\n")}\n`);
  const proxy = new BackgroundProcess(folder, "haproxy");
  proxy.start({ file: program, args: ["-db", "-f", file], env: process.env });
  const listens = async () => (await Promise.all([...fronts.keys()].map(isTaken))).every(Boolean);
  await proxy.waitUntilReady(listens, 10_000);
  const allUp = async () => {
    const csv = await (await fetch(`http://127.0.0.1:${statsPort}/;csv`)).text();
    const states = csv
      .split("\n")
      .flatMap((line) => (/,replica_\d+,/.test(line) ? [line.split(",")[statusColumn]] : []));
    return states.every((state) => state === "UP");
  };
  return { stop: () => proxy.stop(), allUp };
}

/** Of the CSV of HAProxy's Management Guide, section 9.1. */
const statusColumn = 17;

const defaults = [
  "defaults",
  "  mode http",
  "  timeout connect 1s",
  "  timeout client 30s",
  "  timeout server 10s",
  // A replica that answers late on a busy machine is not down.
  "  timeout check 5s",
  // A connection for each request: one that is kept may be closed by a stopping replica as it is used again.
  "  option http-server-close",
  "  http-reuse never",
  // What a replica refuses goes to another one.
  "  option redispatch 1",
  "  retries 3",
];
