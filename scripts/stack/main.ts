import { constants } from "node:os";
import { describe } from "../runtime/user_error.js";

/** Takes back what a run has begun. It may be called in the middle of anything. */
export type Cleanup = () => Promise<void>;

// Such a terminal shows cursor commands as text, so it gets whole lines, as a file does.
if (process.env["TERM"] === "dumb") process.stdout.isTTY = false;

interface MainOptions {
  readonly cleanup?: Cleanup;
  /** True for a command that runs until somebody stops it: then being stopped is no failure. */
  readonly untilStopped?: boolean;
}

/**
 * Runs a command of the Makefile. When it fails, is told to stop (Ctrl-C), or its output is closed (a terminal, `| head`),
 * `cleanup` is run before it ends: with 1, or with 128 and the signal's number as shells do.
 */
export async function main(
  work: () => Promise<void>,
  { cleanup = async () => {}, untilStopped = false }: MainOptions = {},
): Promise<never> {
  let undone: Promise<void> | undefined;
  const undoOnce = () => {
    // Twice: what was about to start while the first round went on is found by the second.
    undone ??= cleanup().then(cleanup);
    return undone;
  };
  let stopping: Promise<never> | undefined;
  const stop = (signal: keyof typeof constants.signals): void => {
    const code = untilStopped ? 0 : 128 + constants.signals[signal];
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
    // What was running may well fail while it is taken back.
    if (stopping) return stopping;
    await undoOnce().catch((problem: unknown) => console.error(describe(problem)));
    reportAndExit(error);
  }
  return stopping ?? process.exit(0);
}

function reportAndExit(error: unknown): never {
  console.error(`\n✖ ${describe(error)}`);
  process.exit(1);
}
