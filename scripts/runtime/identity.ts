import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * When the process started, as text that no other process with this pid will ever have; undefined if it does not run.
 * A zombie counts as gone.
 */
export function startedAt(pid: number): string | undefined {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Whether SIGSTOP has reached all threads of the process: the call that sends it does not wait for that. */
export function isStopped(pid: number): boolean {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" }).startsWith("T");
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) => statFields(`/proc/${pid}/task/${thread}/stat`)[0] === "T");
  } catch {
    // A thread has just ended.
    return false;
  }
}

/** What stands in a stat file behind the name, which is in brackets and may hold anything: the state comes first. */
function statFields(file: string): readonly string[] {
  const stat = readFileSync(file, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function fromProc(pid: number): string | undefined {
  try {
    const fields = statFields(`/proc/${pid}/stat`);
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  } catch {
    return undefined;
  }
}
