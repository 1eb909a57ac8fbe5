import { setTimeout as sleep } from "node:timers/promises";
import { backoff } from "./backoff.js";

interface PersistOptions {
  /** Gives up when aborted: then `persist` throws what the last try threw. */
  readonly signal: AbortSignal;
  /** Told of the first failure in a row. */
  readonly onTrouble: (error: unknown) => void;
}

/** Returns what `work` resolves to, trying again (after 0.1 to 2 s) for as long as it fails. It must be safe to repeat. */
export async function persist<T>(work: () => Promise<T>, { signal, onTrouble }: PersistOptions): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (failures === 1) onTrouble(error);
      if (signal.aborted) throw error;
      await sleep(backoff(failures, 100, 2_000), undefined, { signal }).catch(() => {});
    }
  }
}
