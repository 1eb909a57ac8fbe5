import { describe } from "../runtime/failure.js";

/** Takes back what a run has begun. It may be called in the middle of anything. */
export type Undo = () => Promise<void>;

/**
 * Runs a command of the Makefile. When it fails, or is told to stop (Ctrl-C), `undo` is run before it ends: with 1, or
 * with 130 as shells do.
 */
export async function main(work: () => Promise<void>, undo: Undo = async () => {}): Promise<never> {
  let undone: Promise<void> | undefined;
  const undoOnce = () => {
    // Twice: what was about to start while the first round went on is found by the second.
    undone ??= undo().then(undo);
    return undone;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      console.error("\nStopping…");
      undoOnce().then(() => process.exit(130), reportAndExit);
    });
  }
  try {
    await work();
  } catch (error) {
    await undoOnce().catch((problem: unknown) => console.error(describe(problem)));
    reportAndExit(error);
  }
  process.exit(0);
}

function reportAndExit(error: unknown): never {
  console.error(`\n✖ ${describe(error)}`);
  process.exit(1);
}
