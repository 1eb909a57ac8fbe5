import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { PublishError } from "@order-flow/common/rabbitmq/publish_error.js";
import type { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import { backoffDelayMs } from "@order-flow/common/util/backoff.js";
import type { ConsumeMessage } from "amqplib";
import { publishDeadLetter } from "./dead_letter.js";

const firstRetryMs = 200;
const maxRetryMs = 30_000;
/** Failures in a row for want of a connection that are no trouble yet: it is being opened, or opened again. */
const patientAttempts = 4;

interface DeadLettersOptions {
  /** On a connection of its own: a letter may cost it, and an alarm stops it. */
  readonly publisher: Publisher;
  readonly queue: string;
  readonly logger: Logger;
  /** How many letters may wait before the service counts as not ready: each takes a place of the prefetch. */
  readonly maxWaiting: number;
  readonly onDelivered: () => void;
}

interface Letter {
  readonly message: ConsumeMessage;
  readonly connection: RabbitConnection;
  readonly reason: string;
  attempts: number;
  nextAttemptAt: number;
}

/**
 * Brings messages that can't be read to the dead-letter queue, beside the orders. A letter that is not taken there stays
 * unacked in its own queue, and is tried again; the others go on.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #stop = new AbortController();
  #letters: Letter[] = [];
  readonly #errors = new Set<string>();
  #working: Promise<void> | undefined;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Why letters are stuck; undefined while few enough wait. */
  get trouble(): string | undefined {
    const waiting = this.#letters.length;
    const error = [...this.#errors].at(-1);
    return error && waiting > this.#options.maxWaiting
      ? `${waiting} dead letters can't be delivered: ${error}`
      : undefined;
  }

  add(message: ConsumeMessage, connection: RabbitConnection, reason: string): void {
    this.#letters.push({ message, connection, reason, attempts: 0, nextAttemptAt: 0 });
    this.#working ??= this.#work();
  }

  /** Finishes the letter that is being published; the others stay with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  /** One letter after the other: one that costs the connection must not take others with it. */
  async #work(): Promise<void> {
    for (;;) {
      // What a lost connection delivered comes again on the next one.
      this.#letters = this.#letters.filter(({ connection }) => connection.isOpen);
      const next = this.#letters.reduce<Letter | undefined>(earlier, undefined);
      if (!next || this.#stop.signal.aborted) break;
      const waitMs = Math.min(next.nextAttemptAt - Date.now(), firstRetryMs);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      else await this.#deliver(next);
    }
    this.#working = undefined;
  }

  async #deliver(letter: Letter): Promise<void> {
    const { publisher, queue, logger, onDelivered } = this.#options;
    const { message, connection, reason } = letter;
    try {
      await publishDeadLetter(publisher, queue, message, reason);
      this.#letters = this.#letters.filter((other) => other !== letter);
      connection.ack(message);
      onDelivered();
      logger.warn("dead-lettered", { reason, request_id: message.properties.correlationId });
      if (this.#letters.length === 0) this.#errors.clear();
    } catch (error) {
      letter.attempts += 1;
      letter.nextAttemptAt = Date.now() + backoffDelayMs(letter.attempts, { baseMs: firstRetryMs, maxMs: maxRetryMs });
      this.#warn(error, letter);
    }
  }

  /** Once for each reason, not at every attempt. */
  #warn(error: unknown, { message, attempts }: Letter): void {
    const isUnsent = error instanceof PublishError && error.unsent;
    if (isUnsent && (attempts < patientAttempts || this.#errors.size > 0)) return;
    const reason = String(error);
    if (this.#errors.has(reason)) return;
    this.#errors.add(reason);
    const fields = { reason, request_id: message.properties.correlationId };
    this.#options.logger.warn("a dead letter can't be delivered; it stays in its queue", fields);
  }
}

const earlier = (one: Letter | undefined, other: Letter): Letter =>
  one && one.nextAttemptAt <= other.nextAttemptAt ? one : other;
