import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelayMs } from "./backoff.js";

/** Repeats `work` until it succeeds, and returns its result; once `signal` is aborted, throws its last error. */
export async function retry<T>(
  work: () => Promise<T>,
  { signal, onFirstError }: { readonly signal: AbortSignal; readonly onFirstError: (error: unknown) => void },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 1) onFirstError(error);
      if (signal.aborted) throw error;
      await sleep(backoffDelayMs(attempt, { baseMs: 100, maxMs: 2_000 }), undefined, { signal }).catch(() => {});
    }
  }
}
