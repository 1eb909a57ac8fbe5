import { getPriority, setPriority } from "node:os";
import { platform } from "node:process";
import bcrypt from "bcryptjs";

export interface HashTask {
  readonly password: string;
  readonly rounds: number;
  /** Milliseconds since the epoch. */
  readonly startBy: number;
}

// Requests go first where both want a core; docs/performance.md has what other values gave. On Linux this is the
// priority of this thread alone (setpriority(2), "C library/kernel differences"), elsewhere of the whole process.
// Relative: a process that was started with nice may not become more important again.
if (platform === "linux") setPriority(Math.min(getPriority() + 5, 19));

/** Runs in a worker thread: the synchronous call is the fastest, and blocks nobody here. Undefined if it starts too late. */
export const hash = ({ password, rounds, startBy }: HashTask): string | undefined =>
  Date.now() > startBy ? undefined : bcrypt.hashSync(password, rounds);
