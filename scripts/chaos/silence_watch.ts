import type { PrintedOrders } from "./printed_orders.js";

const lookEveryMs = 20;

/** Measures the longest time without a new line, until it is stopped. */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #look: () => void;
  #maxMs = 0;

  constructor(printed: PrintedOrders) {
    let [orders, since] = [printed.read(), performance.now()];
    this.#look = () => {
      const now = performance.now();
      this.#maxMs = Math.max(this.#maxMs, now - since);
      const count = printed.read();
      if (count > orders) [orders, since] = [count, now];
    };
    this.#timer = setInterval(this.#look, lookEveryMs);
  }

  /** Returns the seconds. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#maxMs / 1_000;
  }
}
