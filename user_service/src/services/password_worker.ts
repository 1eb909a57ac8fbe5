import { setPriority } from "node:os";
import { platform } from "node:process";
import bcrypt from "bcryptjs";

interface HashTask {
  readonly password: string;
  readonly rounds: number;
}

// Requests go first where both want a core; docs/performance.md has what other values gave. On Linux this is the
// priority of this thread alone (setpriority(2), "C library/kernel differences"), elsewhere of the whole process.
if (platform === "linux") setPriority(5);

/** Runs in a worker thread: the synchronous call is the fastest, and blocks nobody here. */
export const hash = ({ password, rounds }: HashTask): string => bcrypt.hashSync(password, rounds);
