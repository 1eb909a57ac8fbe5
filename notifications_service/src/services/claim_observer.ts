import type { InboxEntry } from "../models/inbox_entry.js";

export const abandonedAfterMs = 4_000;
/** The most that one gap between reads adds: this process may have been frozen meanwhile. */
const maxIntervalMs = 1_000;
/** An order may never come back to this process. */
const forgottenAfterMs = 60_000;

/** Finds claims that are no longer renewed. It uses this process's monotonic clock, since clocks of machines differ. */
export class ClaimObserver {
  readonly #observations = new Map<string, { version: string; unchangedMs: number; readAt: number }>();

  /** Records a claim as it was just read, and returns whether its owner still renews it. */
  observe({ _id, owner, leased_until }: InboxEntry): "renewed" | "abandoned" {
    const readAt = performance.now();
    const version = `${owner} ${leased_until.getTime()}`;
    const last = this.#observations.get(_id);
    const unchangedMs =
      last?.version === version ? last.unchangedMs + Math.min(readAt - last.readAt, maxIntervalMs) : 0;
    // Delete and set keep the map in the order of reading. Each call forgets one claim at most.
    const [oldest] = this.#observations;
    if (oldest && readAt - oldest[1].readAt > forgottenAfterMs) this.#observations.delete(oldest[0]);
    this.#observations.delete(_id);
    this.#observations.set(_id, { version, unchangedMs, readAt });
    return unchangedMs >= abandonedAfterMs ? "abandoned" : "renewed";
  }
}
