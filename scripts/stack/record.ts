import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { upFolder } from "../runtime/paths.js";
import type { Servers } from "./services.js";

/** What `make up` has started, for the commands that come after it. */
export type StackRecord = {
  /** How many there are of each service. */
  readonly replicas: number;
} & ({ readonly runtime: "docker" } | ({ readonly runtime: "embedded" } & Servers));

const file = join(upFolder, "stack.json");

export function writeRecord(record: StackRecord): void {
  mkdirSync(upFolder, { recursive: true });
  // A URL given by the environment may hold a password.
  writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
}

export function removeRecord(): void {
  rmSync(file, { force: true });
}

/** Undefined when nothing is up. */
export function readRecord(): StackRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is StackRecord {
  if (typeof value !== "object" || value === null || !("runtime" in value)) return false;
  if (!("replicas" in value && typeof value.replicas === "number")) return false;
  if (value.runtime === "docker") return true;
  return "mongodbUri" in value && typeof value.mongodbUri === "string" && "rabbitmqUrl" in value;
}
