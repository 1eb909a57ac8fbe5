import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelayMs } from "./backoff.js";

interface RetryOptions {
  /** Once aborted, `retry` throws the error of its last attempt. */
  readonly signal: AbortSignal;
  readonly onFirstError: (error: unknown) => void;
}

/** Calls `work`, which must be safe to repeat, until it succeeds; returns what it resolves to. */
export async function retry<T>(work: () => Promise<T>, { signal, onFirstError }: RetryOptions): Promise<T> {
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
