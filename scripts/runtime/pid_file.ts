import { readFileSync } from "node:fs";

export interface PidRecord {
  readonly pid: number;
  readonly startedAt: string;
  /** What it was started with: another value means that it has to be started again. */
  readonly fingerprint: string;
}

/** Undefined if there is no such file, or none that can be read. */
export function readPidFile(file: string): PidRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isPidRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isPidRecord(value: unknown): value is PidRecord {
  if (typeof value !== "object" || value === null) return false;
  if (!("pid" in value && "startedAt" in value && "fingerprint" in value)) return false;
  return typeof value.pid === "number" && typeof value.startedAt === "string" && typeof value.fingerprint === "string";
}
