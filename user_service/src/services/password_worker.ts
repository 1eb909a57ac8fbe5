import { setPriority } from "node:os";
import { platform } from "node:process";
import bcrypt from "bcryptjs";

interface HashTask {
  readonly password: string;
  readonly rounds: number;
}

// On Linux this is the priority of this thread alone (setpriority(2), "C library/kernel differences"), elsewhere that of
// the whole process: requests go before hashes where both want a core.
if (platform === "linux") setPriority(Number(process.env["NICE"] ?? 10));

/** Runs in a worker thread: the synchronous call is the fastest, and blocks nobody here. */
export const hash = ({ password, rounds }: HashTask): string => bcrypt.hashSync(password, rounds);
