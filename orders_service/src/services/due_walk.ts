const leastStepMs = 10_000;
const widestMs = 2 ** 40;

/**
 * A walk through the due times of the outbox, from the oldest on, in steps that hold some orders each. SecantusDB reads
 * all that a query matches before it applies a limit, which takes seconds for a backlog of 100,000: so no query asks for
 * more than a step. Where the oldest orders are is not known: a step covers a quarter of what is left at most.
 */
export class DueWalk {
  /** Up to here the walk has come, in milliseconds since 1970. */
  at: number;
  #width = widestMs;

  constructor(at = 0) {
    this.at = at;
  }

  /** Where the next step of a walk to `end` ends. */
  nextUntil(end: number): number {
    const most = Math.max(leastStepMs, (end - this.at) / 4);
    return Math.min(end, Math.ceil(this.at + Math.min(this.#width, most)));
  }

  /** The step to `until` held `wanted` orders or more, or took too long: the next one is half as wide. */
  narrow(until: number): void {
    this.#width = Math.max(1, (until - this.at) / 2);
  }

  /** The step held few orders. */
  widen(): void {
    this.#width = Math.min(widestMs, this.#width * 2);
  }
}
