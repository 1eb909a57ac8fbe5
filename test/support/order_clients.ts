import assert from "node:assert/strict";
import { type Answer, text } from "./http.js";
import { newOrder, place } from "./orders.js";
import { assertProblem } from "./problem.js";
import { type RunningService, uniqueName } from "./services.js";

export function assertUnavailable(answer: Answer): void {
  assertProblem(answer, 503);
  assert.equal(answer.headers.get("Retry-After"), "1");
}

/** Clients that place one order after the other, each with a key and until it is taken; any answer but 201 and 503 fails. */
export class OrderClients {
  /** How often an order was refused. */
  refused = 0;
  readonly #ids: string[] = [];
  readonly #service: RunningService;
  readonly #running: Promise<unknown>;
  #going = true;

  constructor(service: RunningService, count = 4) {
    this.#service = service;
    this.#running = Promise.all(Array.from({ length: count }, () => this.#placeOrders()));
    // It is told to whoever stops them.
    this.#running.catch(() => {});
  }

  /** Lets each client finish its order; returns the ids of all that were taken. */
  async stop(): Promise<readonly string[]> {
    this.#going = false;
    await this.#running;
    return this.#ids;
  }

  async #placeOrders(): Promise<void> {
    while (this.#going) {
      const key = { "Idempotency-Key": uniqueName("key") };
      let answer = await place(this.#service, newOrder(), key);
      for (; answer.status !== 201; answer = await place(this.#service, newOrder(), key)) {
        assertUnavailable(answer);
        this.refused += 1;
      }
      this.#ids.push(text(answer.body, "id"));
    }
  }
}
