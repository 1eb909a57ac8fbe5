import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { UnsentError } from "@order-flow/common/rabbitmq/publish_error.js";
import type { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import { endSpan, type Span, withSpan } from "@order-flow/common/tracing/spans.js";
import { backoffDelayMs } from "@order-flow/common/util/backoff.js";
import { withTimeout } from "@order-flow/common/util/timeout.js";
import type { ConsumeMessage, Options } from "amqplib";

const retryBackoff = { baseMs: 200, maxMs: 5_000 };
/** Attempts without a connection before a warning: it may just be connecting. */
const quietAttempts = 3;
const stopTimeoutMs = 3_000;
/** Prefetch bounds the number of messages, not their size. */
const maxBytes = 16_000_000;

interface DeadLettersOptions {
  /** On a connection of its own: a bad letter may close it, and an alarm blocks it. */
  readonly publisher: Publisher;
  readonly queue: string;
  readonly logger: Logger;
  /** Up to so many letters may be stuck while the service counts as ready: each takes a slot of the prefetch. */
  readonly readyUpTo: number;
  readonly onDelivered: () => void;
}

interface Letter {
  message: ConsumeMessage;
  readonly connection: RabbitConnection;
  readonly reason: string;
  readonly span: Span;
  /** The size of the content as it came. */
  readonly bytes: number;
  contentDropped?: true;
  attempts: number;
  nextAttemptAt: number;
  /** Why it could not be delivered. */
  error?: string;
}

/**
 * Moves invalid messages to the dead-letter queue. A letter that can't be published stays unacked, and is retried. If too
 * many bytes wait, the largest content is dropped; once there is room its letter is requeued, and redelivered in full.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #stop = new AbortController();
  #letters: Letter[] = [];
  readonly #loggedErrors = new Set<string>();
  #working: Promise<void> | undefined;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Why too many letters are stuck; undefined while they are not. */
  get error(): string | undefined {
    const failed = this.#letters.filter(({ error }) => error);
    // If all letters with content have failed, those without are stuck behind them.
    const stuck = this.#letters.filter(hasContent).every(({ error }) => error) ? this.#letters : failed;
    const lastError = failed.at(-1)?.error;
    if (!lastError || stuck.length <= this.#options.readyUpTo) return undefined;
    return `${stuck.length} dead letters can't be delivered: ${lastError}`;
  }

  add(message: ConsumeMessage, connection: RabbitConnection, reason: string, span: Span): void {
    // The log names it, and each attempt must have the same.
    message.properties.messageId ??= randomUUID();
    const bytes = message.content.length;
    this.#letters.push({ message, connection, reason, span, bytes, attempts: 0, nextAttemptAt: 0 });
    this.#dropLargestContent();
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Waits for the letter that is being published, but not for long; the others stay in their queue. */
  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#working) await withTimeout(this.#working, stopTimeoutMs, "a dead letter").catch(() => {});
  }

  /** Publishes one letter at a time: one that makes the broker close the connection must not take others with it. */
  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The broker redelivers what a lost connection has not acked.
      for (const { connection, span } of this.#letters) if (!connection.isOpen) endSpan(span, "connection_lost");
      this.#letters = this.#letters.filter(({ connection }) => connection.isOpen);
      this.#requeueDropped();
      const [next] = this.#letters.filter(hasContent).toSorted((one, other) => one.nextAttemptAt - other.nextAttemptAt);
      if (this.#letters.length === 0) break;
      if (next && next.nextAttemptAt <= performance.now()) await withSpan(next.span, () => this.#deliver(next));
      else await sleep(retryBackoff.baseMs, undefined, { signal }).catch(() => {});
    }
    this.#loggedErrors.clear();
  }

  /** Drops the largest content, so that small letters do not wait for a large one that is refused. */
  #dropLargestContent(): void {
    const kept = this.#letters.filter(hasContent);
    const [largest, another] = kept.toSorted((one, other) => other.bytes - one.bytes);
    if (!largest || !another || bytesOf(kept) <= maxBytes) return;
    largest.message = { ...largest.message, content: Buffer.alloc(0) };
    largest.contentDropped = true;
  }

  #requeueDropped(): void {
    const kept = this.#letters.filter(hasContent);
    const room = maxBytes - bytesOf(kept);
    const next = this.#letters.find((letter) => !hasContent(letter) && letter.bytes <= room);
    // A letter of more than `maxBytes` is requeued once no other is in memory.
    const requeued = next ?? (kept.length === 0 ? this.#letters[0] : undefined);
    if (!requeued) return;
    this.#letters = this.#letters.filter((letter) => letter !== requeued);
    // Unlike a reject, it does not count towards a quorum queue's delivery limit, from RabbitMQ 4.3.
    requeued.connection.channel.nack(requeued.message, false, true);
    endSpan(requeued.span, "requeued");
  }

  async #deliver(letter: Letter): Promise<void> {
    const { publisher, queue, logger, onDelivered } = this.#options;
    const { message, connection, reason } = letter;
    try {
      await publishDeadLetter(publisher, queue, message, reason);
      this.#letters = this.#letters.filter((other) => other !== letter);
      connection.ack(message);
      endSpan(letter.span, "dead_lettered");
      onDelivered();
      const { correlationId, messageId, appId } = message.properties;
      logger.warn("dead-lettered", { reason, request_id: correlationId, message_id: messageId, app_id: appId });
    } catch (error) {
      this.#retryLater(letter, error);
    }
  }

  /** Logs each error once, not every attempt. */
  #retryLater(letter: Letter, error: unknown): void {
    letter.attempts += 1;
    letter.nextAttemptAt = performance.now() + backoffDelayMs(letter.attempts, retryBackoff);
    const isUnsent = error instanceof UnsentError;
    if (isUnsent && letter.attempts <= quietAttempts) return;
    const reason = String(error);
    // A refusal says more than a connection that is away.
    letter.error = isUnsent ? (letter.error ?? reason) : reason;
    if (this.#loggedErrors.has(reason) || (isUnsent && this.#loggedErrors.size > 0)) return;
    this.#loggedErrors.add(reason);
    const fields = { reason, request_id: letter.message.properties.correlationId };
    this.#options.logger.warn("a dead letter can't be delivered; it stays in its queue", fields);
  }
}

const hasContent = ({ contentDropped }: Letter): boolean => !contentDropped;

const bytesOf = (letters: readonly Letter[]): number => letters.reduce((sum, { bytes }) => sum + bytes, 0);

/** Publishes `message` with its properties and headers, as far as they may be sent again, and why it is dead-lettered. */
async function publishDeadLetter(publisher: Publisher, queue: string, message: ConsumeMessage, reason: string) {
  // CC would route it back, an expiration would drop it, and RabbitMQ refuses another user's id.
  const { headers, expiration, userId, timestamp, ...properties } = message.properties;
  const { CC, ...otherHeaders } = headers ?? {};
  const ownHeaders = {
    "x-dead-letter-reason": reason,
    "x-dead-letter-service": "notifications_service",
    "x-dead-letter-time": new Date().toISOString(),
    // amqplib leaves out what is undefined.
    "x-dead-letter-cc": CC,
    "x-dead-letter-expiration": expiration,
    "x-dead-letter-user-id": userId,
  };
  const publish = (options: Options.Publish) => publisher.publish(queue, message.content, options);
  try {
    await publish({ ...properties, timestamp, headers: { ...otherHeaders, ...ownHeaders } });
  } catch (error) {
    // amqplib can't encode all that it decodes: over 64 KiB of headers, times beyond 2^53, its own type marks.
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    await publish({ ...properties, headers: { ...ownHeaders, "x-dead-letter-left-out": "headers and timestamp" } });
  }
}
