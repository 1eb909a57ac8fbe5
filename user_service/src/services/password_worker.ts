import bcrypt from "bcryptjs";

interface HashTask {
  readonly password: string;
  readonly rounds: number;
}

/** Runs in a worker thread: the synchronous call is the fastest, and blocks nobody here. */
export const hash = ({ password, rounds }: HashTask): string => bcrypt.hashSync(password, rounds);
