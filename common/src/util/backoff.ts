/** Returns the delay before retry number `attempt`, from 1: exponential, with jitter so that replicas do not retry in step. */
export function backoffDelayMs(attempt: number, options: { readonly baseMs: number; readonly maxMs: number }): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  return (ceiling * (1 + Math.random())) / 2;
}
