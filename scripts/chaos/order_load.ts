import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../runtime/wait.js";

const patienceMs = 5_000;
const retryMs = 200;

/** Where an orders_service answers. */
interface Target {
  readonly url: string;
}

interface LoadOptions {
  readonly services: readonly Target[];
  readonly clients: number;
  /** How long a client waits between two orders. */
  readonly pauseMs: number;
  /** How many orders all clients place together; as many as time allows if left out. */
  readonly limit?: number;
  /** Makes the idempotency keys of this load unlike those of another. */
  readonly name: string;
}

/** Clients that place orders, each with an idempotency key, and try again until an order is accepted. */
export class OrderLoad {
  /** The accepted orders: id -> when, by `performance.now()`. */
  readonly accepted = new Map<string, number>();
  /** How many different orders clients tried to place. */
  sent = 0;
  /** Answers other than 201 and calls without an answer, each followed by another try. */
  retries = 0;
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#running = Promise.all(Array.from({ length: options.clients }, (_, client) => this.#client(client)));
  }

  /** Waits until so many more orders are accepted. */
  async acceptsMore(count: number): Promise<void> {
    const goal = this.accepted.size + count;
    await waitUntil(() => this.accepted.size >= goal, { what: `${count} more are accepted`, deadlineMs: 60_000 });
  }

  /** Resolves when the limit is reached. */
  async done(): Promise<void> {
    await this.#running;
  }

  /** Lets every client finish the order it is placing. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #client(client: number): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY } = this.#options;
    for (let number = 0; !this.#stop.signal.aborted && this.sent < limit; number += 1) {
      this.sent += 1;
      const id = await this.#place(`${this.#options.name}-${client}-${number}`, client + number);
      this.accepted.set(id, performance.now());
      await sleep(this.#options.pauseMs);
    }
  }

  /** Returns the id under which the order was accepted, after as many tries as that takes. */
  async #place(key: string, turn: number): Promise<string> {
    const { services } = this.#options;
    for (let tries = 0; ; tries += 1) {
      const service = services[(turn + tries) % services.length];
      const id = service && (await this.#try(service, key));
      if (id) return id;
      this.retries += 1;
      await sleep(retryMs);
    }
  }

  async #try(service: Target, key: string): Promise<string | undefined> {
    try {
      const response = await fetch(`${service.url}/orders`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify({
          user_id: "65f0c0ffee65f0c0ffee65f0",
          items: [{ sku: "TEA-250", quantity: 1, unit_price_cents: 450 }],
        }),
        signal: AbortSignal.timeout(patienceMs),
      });
      const order: unknown = await response.json();
      if (response.status === 201 && typeof order === "object" && order !== null && "id" in order)
        return String(order.id);
      return undefined;
    } catch {
      return undefined;
    }
  }
}
