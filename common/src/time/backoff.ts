/**
 * Returns how long to wait, in milliseconds, after `failures` failures in a row (1 or more): from `first`, doubled
 * each time, up to `most`; jittered over the upper half, so that replicas do not come back in step.
 */
export function backoff(failures: number, first: number, most: number): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
