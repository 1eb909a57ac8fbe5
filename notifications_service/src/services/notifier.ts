import type { Logger } from "@order-flow/common/logging/logger.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import { retry } from "@order-flow/common/util/retry.js";
import type { ConsumeMessage } from "amqplib";
import type { DeadLetters } from "./dead_letters.js";
import type { Claim, Inbox } from "./inbox.js";
import { readOrderCreated } from "./order_created.js";

/** What can become of a message: its order is printed, or has its line already, or it can't be read. */
export const outcomes = ["printed", "duplicate", "dead_lettered"] as const;

export type Outcome = (typeof outcomes)[number];

interface NotifierOptions {
  readonly inbox: Inbox;
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  /** Writes text to where the notifications go; resolves when it is written. */
  readonly write: (text: string) => Promise<void>;
  /** Is told what became of messages, as it happens. */
  readonly count: (outcome: Outcome, messages: number) => void;
}

interface Delivery {
  readonly message: ConsumeMessage;
  /** The connection that delivered the message: only there it can be acked. */
  readonly connection: RabbitConnection;
}

interface OrderDelivery extends Delivery {
  readonly orderId: string;
  readonly requestId: string | undefined;
}

const mostAtOnce = 100;
/** How soon it is asked again whether another process has printed an order: long before its lease is over. */
const waitAtMostMs = 1_000;

const logFields = (delivery: OrderDelivery | undefined) => ({
  order_id: delivery?.orderId,
  request_id: delivery?.requestId,
});

/**
 * Takes messages off the queue and prints a line for each order. What is delivered while one batch is printed makes
 * up the next. A step that fails, because the inbox or the broker is away, is tried again until it succeeds; nothing
 * is acked meanwhile, so the broker sends no more than the prefetch and the consumer stands still.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #deliveries: Delivery[] = [];
  #working: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Takes a message over. */
  accept(message: ConsumeMessage, connection: RabbitConnection): void {
    this.#deliveries.push({ message, connection });
    this.#working ??= this.#work();
  }

  /** Finishes what is being printed; what was not begun stays with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#waiting) clearTimeout(timer);
    await Promise.all([this.#working, this.#options.deadLetters.stop()]);
  }

  async #work(): Promise<void> {
    try {
      while (this.#deliveries.length > 0 && !this.#stop.signal.aborted) {
        const batch = this.#deliveries.splice(0, mostAtOnce);
        // What a lost connection delivered comes again on the next one.
        await this.#handle(batch.filter(({ connection }) => connection.isOpen));
      }
    } catch (error) {
      this.#options.logger.warn("stopped before all that was delivered was printed", { reason: String(error) });
    } finally {
      this.#working = undefined;
    }
  }

  async #handle(batch: readonly Delivery[]): Promise<void> {
    const orders: OrderDelivery[] = [];
    for (const delivery of batch) {
      const reading = readOrderCreated(delivery.message);
      if ("unreadable" in reading)
        this.#options.deadLetters.add(delivery.message, delivery.connection, reading.unreadable);
      else orders.push({ ...delivery, ...reading });
    }
    if (orders.length > 0) await this.#notify(orders);
  }

  /** Claims, prints, notes, acks: in this order, so that a crash in between can only repeat. */
  async #notify(deliveries: readonly OrderDelivery[]): Promise<void> {
    const { inbox, write, logger, count } = this.#options;
    // By order: two deliveries of one order share its claim and its line.
    const orders = new Map(deliveries.map((delivery) => [delivery.orderId, delivery]));
    const claims = await this.#retry("the inbox is away", () => inbox.claim([...orders.keys()]));
    const printed = [...orders.keys()].filter((orderId) => claims.get(orderId)?.act === "print");
    if (printed.length > 0) {
      await write(printed.map((orderId) => `New order received: ${orderId}\n`).join(""));
      count("printed", printed.length);
      for (const orderId of printed) this.#logPrinted(orders.get(orderId), claims.get(orderId));
      await this.#retry("the inbox is away", () => inbox.done(printed));
    }
    const settled = deliveries.filter(({ orderId }) => claims.get(orderId)?.act !== "wait");
    count("duplicate", settled.length - printed.length);
    for (const delivery of deliveries) {
      const claim = claims.get(delivery.orderId);
      if (claim?.act === "wait") this.#acceptAgain(delivery, claim.until);
      else delivery.connection.ack(delivery.message);
      if (claim?.act === "skip") logger.debug("printed before", logFields(delivery));
    }
  }

  #acceptAgain({ message, connection }: Delivery, when: Date): void {
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        this.accept(message, connection);
      },
      Math.max(0, Math.min(when.getTime() - Date.now(), waitAtMostMs)),
    );
    this.#waiting.add(timer);
  }

  #logPrinted(delivery: OrderDelivery | undefined, claim: Claim | undefined): void {
    const again = claim?.act === "print" && claim.again;
    this.#options.logger.info("notified", { ...logFields(delivery), ...(again && { possible_duplicate: true }) });
  }

  #retry<T>(trouble: string, work: () => Promise<T>): Promise<T> {
    const onFirstError = (error: unknown) => this.#options.logger.warn(trouble, { reason: String(error) });
    return retry(work, { signal: this.#stop.signal, onFirstError });
  }
}
