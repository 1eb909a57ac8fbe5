import { constants } from "node:os";
import { describe } from "../runtime/user_error.js";

/** Undoes what a run has started. May be called at any moment. */
export type Cleanup = () => Promise<void>;

// A dumb terminal shows cursor commands as text, so it gets plain lines, as a file does.
if (process.env["TERM"] === "dumb") process.stdout.isTTY = false;

const stopped = new AbortController();
/** Aborted when the command is stopped by a signal or a closed output. */
export const whenStopped: AbortSignal = stopped.signal;

interface MainOptions {
  readonly cleanup?: Cleanup;
  /** For a command that runs until Ctrl-C, which then is no failure. */
  readonly untilStopped?: boolean;
}

/**
 * Runs a command of the Makefile. When it fails, is stopped (Ctrl-C), or its output is closed (a terminal, `| head`),
 * `cleanup` runs before it exits: with 1, or with 128 plus the signal's number as shells do.
 */
export async function main(
  work: () => Promise<void>,
  { cleanup = async () => {}, untilStopped = false }: MainOptions = {},
): Promise<never> {
  let undone: Promise<void> | undefined;
  const undoOnce = () => {
    // Twice: the second finds what was still starting during the first.
    undone ??= cleanup().then(cleanup);
    return undone;
  };
  let stopping: Promise<never> | undefined;
  const stop = (signal: keyof typeof constants.signals): void => {
    const code = untilStopped ? 0 : 128 + constants.signals[signal];
    stopped.abort();
    stopping ??= undoOnce().then(() => process.exit(code), reportAndExit);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (!untilStopped) console.error("\nStopping…");
      stop(signal);
    });
  for (const output of [process.stdout, process.stderr]) output.on("error", () => stop("SIGPIPE"));
  try {
    await work();
  } catch (error) {
    // Work may well fail while it is being undone.
    if (stopping) return stopping;
    await undoOnce().catch((problem: unknown) => console.error(describe(problem)));
    reportAndExit(error);
  }
  return stopping ?? process.exit();
}

function reportAndExit(error: unknown): never {
  console.error(`\n✖ ${describe(error)}`);
  process.exit(1);
}
