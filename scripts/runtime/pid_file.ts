import { readFileSync, writeFileSync } from "node:fs";
import { startedAt } from "./identity.js";

export interface PidRecord {
  readonly pid: number;
  readonly startedAt: string;
  /** What it was started with: another value means that it has to be started again. */
  readonly fingerprint: string;
}

/** Writes down that the process `pid`, which runs, is the one that this file is about. Returns false if it has ended. */
export function writePidFile(file: string, pid: number, fingerprint = ""): boolean {
  const started = startedAt(pid);
  if (started === undefined) return false;
  const record: PidRecord = { pid, startedAt: started, fingerprint };
  writeFileSync(file, JSON.stringify(record));
  return true;
}

/** Whether the very process that the record is about runs, and not another one that has its pid now. */
export const isRunning = ({ pid, startedAt: started }: PidRecord): boolean => startedAt(pid) === started;

/** Undefined if there is no such file, or none that can be read. */
export function readPidFile(file: string): PidRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
