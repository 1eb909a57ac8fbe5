import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName } from "@order-flow/common/config/variables.js";
import { Failure } from "../runtime/failure.js";
import { root, upFolder } from "../runtime/paths.js";
import { BackgroundProcess } from "../runtime/processes.js";
import { type PortVariable, portOf } from "./settings.js";

export interface Service {
  readonly name: ServiceName;
  /** As in `make logs s=orders`. */
  readonly short: string;
  readonly entry: string;
  readonly portVariable: PortVariable;
}

export const services: readonly Service[] = [
  { name: "user_service", short: "users", entry: "dist/main.js", portVariable: "USERS_PORT" },
  { name: "orders_service", short: "orders", entry: "dist/main.js", portVariable: "ORDERS_PORT" },
  {
    name: "notifications_service",
    short: "notifications",
    entry: "dist/consumer.js",
    portVariable: "NOTIFICATIONS_PORT",
  },
];

/** Where the services find what they need. */
export interface Servers {
  readonly mongodbUri: string;
  readonly rabbitmqUrl: string;
}

/** The service of that name, long or short; throws a `Failure` that lists them. */
export function serviceNamed(name: string): Service {
  const service = services.find((candidate) => candidate.name === name || candidate.short === name);
  if (service) return service;
  throw new Failure(`There is no service "${name}": it is one of ${services.map(({ short }) => short).join(", ")}`);
}

export function processOf(service: Service): BackgroundProcess {
  return new BackgroundProcess(upFolder, service.name);
}

export function entryOf(service: Service): string {
  return join(root, service.name, service.entry);
}

export function environmentOf(service: Service, { mongodbUri, rabbitmqUrl }: Servers): NodeJS.ProcessEnv {
  const port = `${portOf(service.portVariable)}`;
  return { ...process.env, PORT: port, MONGODB_URI: mongodbUri, RABBITMQ_URL: rabbitmqUrl };
}

/** Starts a service as a process and waits for its `/ready`; one that runs with other code or settings is replaced. */
export async function startService(service: Service, servers: Servers): Promise<void> {
  const child = processOf(service);
  const fingerprint = fingerprintOf(service, servers);
  if (child.running && child.fingerprint !== fingerprint) await child.stop();
  const env = environmentOf(service, servers);
  if (!child.running) child.start({ file: process.execPath, args: [entryOf(service)], env, fingerprint });
  await child.waitUntilReady(() => isReady(service), 30_000);
}

/** Whether its `/ready` says 200. */
export async function isReady(service: Service): Promise<boolean> {
  try {
    const url = `http://localhost:${portOf(service.portVariable)}/ready`;
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Changes with whatever a running service would not notice: code, `.env` files, ports and URLs. */
function fingerprintOf(service: Service, servers: Servers): string {
  const code = [service.name, "common"].flatMap((name) => filesUnder(join(root, name, "dist")));
  const files = [...code, join(root, ".env"), join(root, service.name, ".env")];
  const facts = [files.map(changedAt), portOf(service.portVariable), servers.mongodbUri, servers.rabbitmqUrl];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
}

function filesUnder(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".js")).map((file) => join(folder, file));
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
