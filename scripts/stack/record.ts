import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { upFolder } from "../runtime/paths.js";
import { UserError } from "../runtime/user_error.js";
import type { Servers } from "./services.js";
import { brokerCount, oneOf } from "./settings.js";

/** What `make up` has started, for the commands that come after it. */
export type StackRecord = {
  /** How many there are of each service. */
  readonly replicas: number;
  /** How many nodes the broker has that `make up` has started; one if left out. */
  readonly brokers?: number;
  readonly trace?: boolean;
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

/** What the variable `brokers` says, else as many nodes of RabbitMQ as are up already, else one. */
export function chooseBrokers(): number {
  const record = readRecord();
  const up = record && (record.brokers ?? 1);
  const count = brokerCount(up ?? 1);
  // Each keeps its data apart: what waits in one queue would not be in the other.
  if (up && up !== count) throw new UserError(`The system is up with brokers=${up}: run make down first`);
  return count;
}

/** What the variable `trace` says, else as it is already. */
export const chooseTrace = (): boolean => oneOf("trace", [0, 1], readRecord()?.trace ? 1 : 0) === 1;

function isRecord(value: unknown): value is StackRecord {
  if (typeof value !== "object" || value === null || !("runtime" in value)) return false;
  if (!("replicas" in value && typeof value.replicas === "number")) return false;
  if (value.runtime === "docker") return true;
  return "mongodbUri" in value && typeof value.mongodbUri === "string" && "rabbitmqUrl" in value;
}
