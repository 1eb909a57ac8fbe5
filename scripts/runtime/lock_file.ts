import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { startedAt } from "./identity.js";
import { waitUntil } from "./wait.js";

/**
 * Runs `work` while no other process of this machine holds the lock. One that was killed holds it no longer: the file
 * says whose it is.
 */
export async function withLock<T>(file: string, what: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  const me = `${process.pid} ${startedAt(process.pid)}`;
  await waitUntil(() => take(file, me), { what: `${what} (another run holds ${file})`, deadlineMs });
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, me: string): boolean {
  try {
    writeFileSync(file, me, { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

function isHeld(file: string): boolean {
  try {
    const [, pid, started] = /^(\d+) (.+)$/.exec(readFileSync(file, "utf8")) ?? [];
    if (pid !== undefined) return startedAt(Number(pid)) === started;
    // Empty: it is being written just now, or the disk was full then.
    return Date.now() - statSync(file).mtimeMs < 2_000;
  } catch {
    return false;
  }
}
