interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Returns the delay before retry number `attempt`, from 1: exponential, with jitter so that replicas do not retry in step. */
export function backoffDelayMs(attempt: number, { baseMs, maxMs }: BackoffOptions): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return (ceiling * (1 + Math.random())) / 2;
}
