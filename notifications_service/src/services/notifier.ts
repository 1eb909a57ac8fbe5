import type { Logger } from "@order-flow/common/logging/logger.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import * as tracing from "@order-flow/common/tracing/spans.js";
import { retry } from "@order-flow/common/util/retry.js";
import type { ConsumeMessage } from "amqplib";
import type { DeadLetters } from "./dead_letters.js";
import { type ClaimResult, type Inbox, mayPrint } from "./inbox.js";
import { type OrderCreated, parseOrderCreated } from "./order_created.js";

export const outcomes = ["printed", "duplicate", "dead_lettered"] as const;

export type Outcome = (typeof outcomes)[number];

interface NotifierOptions {
  readonly inbox: Inbox;
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  /** Resolves when the text is written. */
  readonly write: (text: string) => Promise<void>;
  readonly count: (outcome: Outcome, messages: number) => void;
  readonly observeDelay: (seconds: number) => void;
}

interface Delivery extends OrderCreated {
  readonly message: ConsumeMessage;
  /** The connection that delivered the message, the only one on which it can be acked. */
  readonly connection: RabbitConnection;
  /** From the delivery to the ack. */
  readonly span: tracing.Span;
}

export const prefetch = 200;
const maxBatchSize = 100;
const recheckMs = 500;
const noContent = Buffer.alloc(0);

const logFields = ({ orderId, requestId, span }: Delivery) => ({
  order_id: orderId,
  request_id: requestId,
  trace_id: tracing.withSpan(span, tracing.activeTraceId),
});

/** Prints a line for each order. While the inbox is away nothing is acked, and the prefetch pauses the consumer. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #stop = new AbortController();
  #queue: Delivery[] = [];
  #working: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Consumes `queue` on a new connection. */
  async subscribe(queue: string, connection: RabbitConnection): Promise<void> {
    await connection.channel.prefetch(prefetch);
    await connection.channel.consume(queue, (message) => {
      // The broker cancels a consumer when its queue is deleted or moved.
      if (message === null) return connection.fail(new Error("the consumer was cancelled"));
      const result = parseOrderCreated(message);
      const span = startProcessSpan(message);
      if ("error" in result) this.#options.deadLetters.add(message, connection, result.error, span);
      // Prefetch bounds the number of messages, not their size: an ack needs no content.
      else this.#enqueue({ message: { ...message, content: noContent }, connection, span, ...result });
    });
  }

  /** Finishes the current batch; other messages stay with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#working, this.#options.deadLetters.stop()]);
  }

  #enqueue(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
        const batch = this.#queue.splice(0, maxBatchSize);
        // The broker redelivers what a lost connection has not acked.
        for (const { connection, span } of batch) if (!connection.isOpen) tracing.endSpan(span, "connection_lost");
        await this.#notify(batch.filter(({ connection }) => connection.isOpen));
      }
    } catch (error) {
      this.#options.logger.warn("a batch failed; its orders are redelivered later", { reason: String(error) });
    }
  }

  /** Claims, prints, marks, acks, in this order: a crash in between may repeat a step, and never leaves one out. */
  async #notify(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    // Deliveries of the same order share its claim and its line.
    const byOrder = new Map(deliveries.map((delivery) => [delivery.orderId, delivery]));
    const claimAll = () => this.#retry(() => this.#options.inbox.claim([...byOrder.keys()]));
    const results = await tracing.inSpan("claim", tracing.ofBatch(deliveries), claimAll);
    const toPrint = [...byOrder.values()].filter(({ orderId }) => mayPrint(results.get(orderId)));
    if (toPrint.length > 0) await this.#print(toPrint, results);
    for (const delivery of deliveries) {
      const result = results.get(delivery.orderId);
      if (result === "wait") {
        setTimeout(() => this.#enqueue(delivery), recheckMs).unref();
        continue;
      }
      delivery.connection.ack(delivery.message);
      const isPrinted = mayPrint(result) && byOrder.get(delivery.orderId) === delivery;
      const outcome = isPrinted ? "printed" : "duplicate";
      tracing.endSpan(delivery.span.setAttribute("order_flow.outcome", outcome));
      if (outcome === "duplicate") this.#options.count(outcome, 1);
      if (result === "skip") this.#options.logger.debug("printed before", logFields(delivery));
    }
  }

  async #print(batch: readonly Delivery[], results: ReadonlyMap<string, ClaimResult>): Promise<void> {
    const { inbox, write, logger, count, observeDelay } = this.#options;
    const isReprint = ({ orderId }: Delivery) => results.get(orderId) === "reprint";
    // A possible duplicate is logged before its line: a crash in between would hide it. A warning is not buffered.
    for (const delivery of batch.filter(isReprint))
      logger.warn("notified", { ...logFields(delivery), possible_duplicate: true });
    const text = batch.map(({ orderId }) => `New order received: ${orderId}\n`).join("");
    await tracing.inSpan("print", tracing.ofBatch(batch), () => write(text));
    count("printed", batch.length);
    // Clocks of machines differ: none prints an order before it was created.
    for (const { createdAt } of batch) if (createdAt > 0) observeDelay(Math.max(Date.now() - createdAt, 0) / 1_000);
    for (const delivery of batch) if (!isReprint(delivery)) logger.info("notified", logFields(delivery));
    const printed = batch.map(({ orderId }) => orderId);
    await tracing.inSpan("mark", tracing.ofBatch(batch), () => this.#retry(() => inbox.markPrinted(printed)));
  }

  #retry<T>(work: () => Promise<T>): Promise<T> {
    const { logger } = this.#options;
    const onFirstError = (error: unknown) => logger.warn("the inbox failed; retrying", { reason: String(error) });
    return retry(work, { signal: this.#stop.signal, onFirstError });
  }
}

/** A part of the trace that published the message; a redelivery has a span of its own. */
function startProcessSpan({ fields, properties }: ConsumeMessage): tracing.Span {
  const attributes = {
    "messaging.rabbitmq.message.delivery_tag": fields.deliveryTag,
    "order_flow.redelivered": fields.redelivered,
    // Node 20 is slow to add members behind a spread; the order means nothing.
    ...tracing.messageAttributes("process", fields.routingKey, properties),
  };
  const parent = tracing.remoteSpan(properties.headers);
  return tracing.startSpan(`process ${fields.routingKey}`, { kind: "CONSUMER", attributes, parent });
}
