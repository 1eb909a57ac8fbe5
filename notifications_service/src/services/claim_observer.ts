import type { InboxEntry } from "../models/inbox_entry.js";

export const abandonedAfterMs = 4_000;
/** What the time between two reads counts at most: this process may have been frozen in between. */
const maxIntervalMs = 1_000;
/** An order may never come back to this process. */
const forgottenAfterMs = 60_000;

/** Finds claims that are no longer renewed. It uses this process's monotonic clock, since clocks of machines differ. */
export class ClaimObserver {
  readonly #observations = new Map<string, { version: string; unchangedMs: number; readAt: number }>();

  /** Takes note of a claim as it was just read; returns whether its owner has not renewed it for too long. */
  isAbandoned({ _id, owner, leased_until }: InboxEntry): boolean {
    const readAt = performance.now();
    const version = `${owner} ${leased_until.getTime()}`;
    const last = this.#observations.get(_id);
    const unchangedMs =
      last?.version === version ? last.unchangedMs + Math.min(readAt - last.readAt, maxIntervalMs) : 0;
    // They are in the order in which they were read.
    const [oldest] = this.#observations;
    if (oldest && readAt - oldest[1].readAt > forgottenAfterMs) this.#observations.delete(oldest[0]);
    this.#observations.delete(_id);
    this.#observations.set(_id, { version, unchangedMs, readAt });
    return unchangedMs >= abandonedAfterMs;
  }

  reset(): void {
    this.#observations.clear();
  }
}
