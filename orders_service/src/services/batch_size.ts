const most = 200;
const least = 10;

/**
 * How many orders the sweeper takes at once. A database that is too slow for a batch would be too slow for it the next
 * time too, and the tries would keep it busy: so it is asked for fewer until it answers, then for more again.
 */
export class BatchSize {
  #now = most;

  get now(): number {
    return this.#now;
  }

  /** Notes whether a batch of this size came through. */
  adapt(cameThrough: boolean): void {
    this.#now = cameThrough ? Math.min(most, this.#now * 2) : Math.max(least, Math.floor(this.#now / 4));
  }
}
