import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName } from "@order-flow/common/config/variables.js";
import { httpAnswers } from "../runtime/clients.js";
import { root, upFolder } from "../runtime/paths.js";
import { BackgroundProcess } from "../runtime/processes.js";
import { UserError } from "../runtime/user_error.js";
import { type PortVariable, portOf } from "./settings.js";

/** More of a service than one would collide with the ports of the others. */
export const maxReplicas = 10;
/** From the port of one replica to that of the next: 3002, 3012, 3022. */
export const portStep = 10;

export interface Service {
  readonly name: ServiceName;
  /** As in `make logs s=orders`. */
  readonly short: string;
  readonly entry: string;
  readonly portVariable: PortVariable;
  readonly debugPortVariable: PortVariable;
}

const service = (
  name: ServiceName,
  short: string,
  prefix: "USERS" | "ORDERS" | "NOTIFICATIONS",
  entry = "dist/main.js",
): Service => ({ name, short, entry, portVariable: `${prefix}_PORT`, debugPortVariable: `${prefix}_DEBUG_PORT` });

export const services: readonly Service[] = [
  service("user_service", "users", "USERS"),
  service("orders_service", "orders", "ORDERS"),
  service("notifications_service", "notifications", "NOTIFICATIONS", "dist/consumer.js"),
];

/** One of the processes, or containers, that a service runs in. */
export interface Replica {
  readonly service: Service;
  /** The first one is called as its service, the next `orders_service_2`. */
  readonly name: string;
  readonly port: number;
}

/** So many replicas of the services, of all if none are named. */
export function replicasOf(count: number, chosen: readonly Service[] = services): readonly Replica[] {
  return chosen.flatMap((service) =>
    Array.from({ length: count }, (_, index) => ({
      service,
      name: index === 0 ? service.name : `${service.name}_${index + 1}`,
      port: portOf(service.portVariable) + index * portStep,
    })),
  );
}

/** V8 sizes its heap by the machine's memory; a service needs far less. docs/performance.md has the figures. */
export const nodeFlags = ["--max-old-space-size=256", "--max-semi-space-size=8"] as const;

/** For `make dev`: restart when the code changes, and let a debugger attach. */
export const devFlagsOf = (port: number): readonly string[] => [
  "--watch",
  "--watch-preserve-output",
  `--inspect=127.0.0.1:${port}`,
];

/** The C library keeps an arena, and what was freed in it, for each thread; V8's heap is not in them. */
export const nodeEnvironment = { MALLOC_ARENA_MAX: "1" } as const;

/** Where the services find what they need. */
export interface Servers {
  readonly mongodbUri: string;
  readonly rabbitmqUrl: string;
  /** Where spans are sent, with trace=1. */
  readonly otlpEndpoint?: string | undefined;
}

/** The service of that name, long or short; throws a `UserError` that lists them. */
export function serviceNamed(name: string): Service {
  const service = services.find((candidate) => candidate.name === name || candidate.short === name);
  if (service) return service;
  throw new UserError(`There is no service "${name}": it is one of ${services.map(({ short }) => short).join(", ")}`);
}

export function processOf({ name }: Replica): BackgroundProcess {
  return new BackgroundProcess(upFolder, name);
}

/** What node runs, of this checkout or of the one at `at`. */
export function entryOf({ name, entry }: Service, at = root): string {
  return join(at, name, entry);
}

export function environmentOf({ port }: Replica, { mongodbUri, rabbitmqUrl, otlpEndpoint }: Servers) {
  const servers = { MONGODB_URI: mongodbUri, RABBITMQ_URL: rabbitmqUrl };
  // Somebody waits for the spans, so they are sent sooner than after the SDK's 5 s.
  const tracing = otlpEndpoint && { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, OTEL_BSP_SCHEDULE_DELAY: "500" };
  return { ...process.env, ...nodeEnvironment, PORT: `${port}`, ...servers, ...tracing };
}

/** Starts it as a process and waits for its `/ready`; one that runs with other code or settings is replaced. */
export async function startReplica(replica: Replica, servers: Servers): Promise<void> {
  const child = processOf(replica);
  const fingerprint = fingerprintOf(replica, servers);
  if (child.running && child.fingerprint !== fingerprint) await child.stop();
  const env = environmentOf(replica, servers);
  if (!child.running)
    child.start({ file: process.execPath, args: [...nodeFlags, entryOf(replica.service)], env, fingerprint });
  await child.waitUntilReady(() => isReady(replica), 30_000);
}

/** Whether its `/ready` says 200. */
export const isReady = ({ port }: Pick<Replica, "port">): Promise<boolean> =>
  httpAnswers(`http://localhost:${port}/ready`);

/** Whether it runs, and on the port that is asked for now. */
export function runsOnItsPort(replica: Replica): boolean {
  return processOf(replica).fingerprint?.startsWith(`${replica.port} `) ?? false;
}

/** The port, and what changes with whatever a running service would not notice: code, `.env` files and URLs. */
function fingerprintOf({ service, port }: Replica, servers: Servers): string {
  const code = [service.name, "common"].flatMap((name) => filesUnder(join(root, name, "dist")));
  const files = [...code, join(root, ".env"), join(root, service.name, ".env")];
  const facts = [files.map(changedAt), servers.mongodbUri, servers.rabbitmqUrl, servers.otlpEndpoint];
  return `${port} ${createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16)}`;
}

function filesUnder(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".js")).map((file) => join(folder, file));
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
