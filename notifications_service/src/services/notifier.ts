import type { Logger } from "@order-flow/common/logging/logger.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import * as tracing from "@order-flow/common/tracing/spans.js";
import { retry } from "@order-flow/common/util/retry.js";
import type { ConsumeMessage } from "amqplib";
import type { DeadLetters } from "./dead_letters.js";
import type { Claim, Inbox } from "./inbox.js";
import { parseOrderCreated } from "./order_created.js";

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

interface Delivery {
  readonly message: ConsumeMessage;
  /** The connection that delivered the message, the only one on which it can be acked. */
  readonly connection: RabbitConnection;
  readonly orderId: string;
  readonly requestId: string | undefined;
  readonly createdAt: number;
  /** From the delivery to the ack. */
  readonly span: tracing.Span;
}

const maxBatchSize = 100;
const recheckMs = 500;
const noContent = Buffer.alloc(0);

const logFields = ({ orderId, requestId, span }: Delivery) => ({
  order_id: orderId,
  request_id: requestId,
  trace_id: tracing.withSpan(span, tracing.activeTraceId),
});

/**
 * Prints a line for each order, in batches of what has arrived meanwhile. While the inbox is away it retries, and acks
 * nothing: the prefetch then pauses the consumer.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  #queue: Delivery[] = [];
  #working: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  enqueue(message: ConsumeMessage, connection: RabbitConnection): void {
    const result = parseOrderCreated(message);
    const span = startProcessSpan(message);
    if ("error" in result) this.#options.deadLetters.add(message, connection, result.error, span);
    // Prefetch bounds the number of messages, not their size: an ack needs no content.
    else this.#enqueue({ ...result, message: { ...message, content: noContent }, connection, span });
  }

  /** Finishes the current batch; other messages stay with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#working, this.#options.deadLetters.stop()]);
  }

  #enqueue(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
        const batch = this.#queue.splice(0, maxBatchSize);
        // The broker redelivers what a lost connection has not acked.
        const open = batch.filter(({ connection }) => connection.isOpen);
        for (const { connection, span } of batch) if (!connection.isOpen) tracing.endSpan(span, "connection_lost");
        await this.#notify(open);
      }
    } catch (error) {
      this.#options.logger.warn("stopped before all that was delivered was printed", { reason: String(error) });
    } finally {
      this.#working = undefined;
    }
  }

  /** Claims, prints, marks, acks: a crash between two of these steps can only repeat one. */
  async #notify(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    // Deliveries of the same order share its claim and its line.
    const orders = new Map(deliveries.map((delivery) => [delivery.orderId, delivery]));
    const claims = await tracing.inSpan("claim", tracing.ofBatch(deliveries), () => this.#claim([...orders.keys()]));
    const printed = await this.#print([...orders.values()], claims);
    const settled = deliveries.filter(({ orderId }) => claims.get(orderId)?.decision !== "wait");
    this.#options.count("duplicate", settled.length - printed);
    for (const delivery of deliveries) {
      const claim = claims.get(delivery.orderId);
      if (claim?.decision === "wait") this.#enqueueLater(delivery);
      else {
        delivery.connection.ack(delivery.message);
        const isPrinted = claim?.decision === "print" && orders.get(delivery.orderId) === delivery;
        tracing.endSpan(delivery.span.setAttribute("order_flow.outcome", isPrinted ? "printed" : "duplicate"));
      }
      if (claim?.decision === "skip") this.#options.logger.debug("printed before", logFields(delivery));
    }
  }

  /** Claims the orders, and again if that took so long that another process may have taken them over. */
  async #claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const { inbox } = this.#options;
    while (!this.#stop.signal.aborted) {
      const claims = await this.#retry(() => inbox.claim(orderIds));
      if (inbox.holds()) return claims;
    }
    throw new Error("stopping");
  }

  /** Prints the orders that are to be printed, and returns how many. */
  async #print(orders: readonly Delivery[], claims: ReadonlyMap<string, Claim>): Promise<number> {
    const { inbox, write, logger, count, observeDelay } = this.#options;
    const toPrint = orders.filter(({ orderId }) => claims.get(orderId)?.decision === "print");
    if (toPrint.length === 0) return 0;
    const isReprint = ({ orderId }: Delivery) => claims.get(orderId)?.possibleDuplicate;
    // Before the line: after a crash between line and log nobody would know of it. A warning is not buffered.
    for (const order of toPrint.filter(isReprint))
      logger.warn("notified", { ...logFields(order), possible_duplicate: true });
    const text = toPrint.map(({ orderId }) => `New order received: ${orderId}\n`).join("");
    await tracing.inSpan("print", tracing.ofBatch(toPrint), () => write(text));
    count("printed", toPrint.length);
    // Clocks of machines differ: none prints an order before it was created.
    for (const { createdAt } of toPrint) if (createdAt > 0) observeDelay(Math.max(Date.now() - createdAt, 0) / 1_000);
    for (const order of toPrint) if (!isReprint(order)) logger.info("notified", logFields(order));
    const printed = toPrint.map(({ orderId }) => orderId);
    await tracing.inSpan("mark", tracing.ofBatch(toPrint), () => this.#retry(() => inbox.markPrinted(printed)));
    return toPrint.length;
  }

  /** Checks again soon whether the other process has printed the order, or has died. */
  #enqueueLater(delivery: Delivery): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enqueue(delivery);
    }, recheckMs);
    this.#timers.add(timer);
  }

  #retry<T>(work: () => Promise<T>): Promise<T> {
    const onFirstError = (error: unknown) => this.#options.logger.warn("the inbox is away", { reason: String(error) });
    return retry(work, { signal: this.#stop.signal, onFirstError });
  }
}

/** A part of the trace that published the message; a redelivery has a span of its own. */
function startProcessSpan({ fields, properties }: ConsumeMessage): tracing.Span {
  const attributes = {
    ...tracing.messageAttributes("process", fields.routingKey, properties),
    "messaging.rabbitmq.message.delivery_tag": fields.deliveryTag,
    "order_flow.redelivered": fields.redelivered,
  };
  const parent = tracing.remoteSpan(properties.headers);
  return tracing.startSpan(`process ${fields.routingKey}`, { kind: "CONSUMER", attributes, parent });
}
