import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { RefusedError } from "@order-flow/common/rabbitmq/publish_error.js";
import type { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { inSpan, remoteSpan } from "@order-flow/common/tracing/spans.js";
import { backoffDelayMs } from "@order-flow/common/util/backoff.js";
import type { PendingOrder } from "../models/order.js";
import { orderMessage } from "./order_message.js";
import { maxBackoffMs, type OutboxStore } from "./outbox_store.js";

/** The grace period of a direct publish. If it takes longer, the sweeper publishes the order too, with the same id. */
export const graceMs = 3_000;
const sweepIntervalMs = 500;
const refusedBackoff = { baseMs: 1_000, maxMs: maxBackoffMs };

interface OutboxOptions {
  readonly store: OutboxStore;
  readonly publisher: Publisher;
  readonly queue: string;
  /** Gets a copy of each message. */
  readonly exchange?: string | undefined;
  readonly logger: Logger;
  readonly observeConfirm: (seconds: number) => void;
}

/** Publishes every stored order: directly after its insert, or else by the sweeper, a loop that looks for due orders. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  #lastError: string | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Why orders can't be published, as far as that is known. */
  get lastError(): string | undefined {
    return this.isReady ? this.#lastError : "the broker is away";
  }

  get isReady(): boolean {
    return this.#options.publisher.isReady;
  }

  /** Publishes `order`, just stored; if that fails, the sweeper retries it. */
  publishInBackground(order: PendingOrder): void {
    const work: Promise<unknown> = this.#relay(order).finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  /** Sweeps twice a second. */
  start(): void {
    this.#sweeping ??= this.#sweepUntilStopped();
  }

  /** Stops sweeping, then waits until what is in flight is confirmed and recorded. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sweeping;
    await Promise.allSettled(this.#inFlight);
  }

  async #sweepUntilStopped(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#sweep().catch((error) => this.#options.logger.debug("a sweep failed", { reason: String(error) }));
      await sleep(sweepIntervalMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Publishes the orders that are due, batch by batch, until a batch has a failed one. */
  async #sweep(): Promise<void> {
    const { signal } = this.#stop;
    if (!this.isReady) return;
    for await (const claimed of this.#options.store.claimDue(signal)) {
      const attributes = { "messaging.batch.message_count": claimed.length };
      const relayAll = () => Promise.all(claimed.map((order) => this.#relay(order, true)));
      const relayed = await inSpan("sweep", { attributes }, relayAll);
      if (signal.aborted || !relayed.every(Boolean)) return;
    }
  }

  /** Publishes `order` and records that; returns false if it has to be retried. Never throws. */
  async #relay(order: PendingOrder, isSwept = false): Promise<boolean> {
    const { store, logger } = this.#options;
    if (!(await this.#publish(order, isSwept))) return false;
    try {
      // A crash before this is recorded publishes the order again, under the same id.
      await store.markPublished(order);
      // Swept orders only: a line for each order would cost too much.
      if (isSwept) logger.info("published by the sweeper", logFields(order));
      return true;
    } catch (error) {
      logger.debug("published, but not recorded", { reason: String(error), ...logFields(order) });
      return false;
    }
  }

  async #publish(order: PendingOrder, isSwept: boolean): Promise<boolean> {
    const { store, publisher, queue, exchange, logger, observeConfirm } = this.#options;
    const { content, properties } = orderMessage(order);
    // A link, not a parent: the request may have ended long ago.
    const links = isSwept ? [remoteSpan(order.outbox)] : [];
    const start = performance.now();
    try {
      await publisher.publish(queue, content, properties, { exchange, links });
      this.#lastError = undefined;
      observeConfirm((performance.now() - start) / 1_000);
      return true;
    } catch (error) {
      this.#lastError = String(error);
      // Backs off only after a refusal: after a timeout or a lost connection a retry may work right away.
      const delayMs = error instanceof RefusedError ? backoffDelayMs(order.outbox.tries + 1, refusedBackoff) : 0;
      logger.debug("not published yet; it will be retried", { reason: this.#lastError, ...logFields(order) });
      // If that fails, the order is due when its grace period or claim ends.
      await store.reschedule({ order, dueAt: new Date(Date.now() + delayMs) }).catch(() => {});
      return false;
    }
  }
}

const logFields = ({ _id, outbox }: PendingOrder) => ({ order_id: _id.toHexString(), request_id: outbox.request_id });
