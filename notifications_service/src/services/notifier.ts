import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Publisher } from "@order-flow/common/messaging/publisher.js";
import { deadLetterQueue } from "@order-flow/common/messaging/queues.js";
import type { Session } from "@order-flow/common/messaging/session.js";
import { persist } from "@order-flow/common/time/persist.js";
import type { ConsumeMessage } from "amqplib";
import { publishDeadLetter } from "./dead_letter.js";
import type { Inbox } from "./inbox.js";
import { readOrderCreated } from "./order_created.js";

/** What can become of a message: its order is printed, or has its line already, or it can't be read. */
export const outcomes = ["printed", "duplicate", "dead_lettered"] as const;

export type Outcome = (typeof outcomes)[number];

interface NotifierOptions {
  readonly inbox: Inbox;
  readonly publisher: Publisher;
  readonly queue: string;
  readonly logger: Logger;
  /** Writes text to where the notifications go; resolves when it is written. */
  readonly write: (text: string) => Promise<void>;
  /** Is told what became of messages, as it happens. */
  readonly count: (outcome: Outcome, messages: number) => void;
}

interface Delivery {
  readonly message: ConsumeMessage;
  /** The session that delivered the message: only there it can be acked. */
  readonly session: Session;
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
  accept(message: ConsumeMessage, session: Session): void {
    this.#deliveries.push({ message, session });
    this.#working ??= this.#work();
  }

  /** Finishes what is being printed; what was not begun stays with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#waiting) clearTimeout(timer);
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#deliveries.length > 0 && !this.#stop.signal.aborted) {
        const batch = this.#deliveries.splice(0, mostAtOnce);
        // What a lost session delivered comes again on the next one.
        await this.#handle(batch.filter(({ session }) => session.alive));
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
      if ("unreadable" in reading) await this.#deadLetter(delivery, reading.unreadable);
      else orders.push({ ...delivery, ...reading });
    }
    if (orders.length > 0) await this.#notify(orders);
  }

  /** Claims, prints, notes, acks: in this order, so that a crash in between can only repeat. */
  async #notify(deliveries: readonly OrderDelivery[]): Promise<void> {
    const { inbox, write, logger, count } = this.#options;
    // By order: two deliveries of one order share its claim and its line.
    const orders = new Map(deliveries.map((delivery) => [delivery.orderId, delivery]));
    const claims = await this.#persist("the inbox is away", () => inbox.claim([...orders.keys()]));
    const printed = [...orders.keys()].filter((orderId) => claims.get(orderId)?.act === "print");
    const isReprint = (orderId: string) => {
      const claim = claims.get(orderId);
      return claim?.act === "print" && claim.again;
    };
    if (printed.length > 0) {
      const [reprints, others] = [printed.filter(isReprint), printed.filter((orderId) => !isReprint(orderId))];
      // Reprints are logged first: after a crash between line and log nobody would know of them.
      for (const orderId of reprints)
        logger.info("notified", { ...logFields(orders.get(orderId)), possible_duplicate: true });
      await write(printed.map((orderId) => `New order received: ${orderId}\n`).join(""));
      count("printed", printed.length);
      for (const orderId of others) logger.info("notified", logFields(orders.get(orderId)));
      await this.#persist("the inbox is away", () => inbox.done(printed));
    }
    const settled = deliveries.filter(({ orderId }) => claims.get(orderId)?.act !== "wait");
    count("duplicate", settled.length - printed.length);
    for (const delivery of deliveries) {
      const claim = claims.get(delivery.orderId);
      if (claim?.act === "wait") this.#acceptAgain(delivery, claim.until);
      else delivery.session.ack(delivery.message);
      if (claim?.act === "skip") logger.debug("printed before", logFields(delivery));
    }
  }

  /** Puts a message into the dead-letter queue, confirmed, and only then takes it off its own. */
  async #deadLetter({ message, session }: Delivery, reason: string): Promise<void> {
    const { publisher, queue, logger, count } = this.#options;
    const publish = () => publishDeadLetter(publisher, deadLetterQueue(queue), message, reason);
    await this.#persist("the dead-letter queue is away", publish);
    count("dead_lettered", 1);
    logger.warn("dead-lettered", { reason, request_id: message.properties.correlationId });
    session.ack(message);
  }

  #acceptAgain({ message, session }: Delivery, when: Date): void {
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        this.accept(message, session);
      },
      Math.max(0, Math.min(when.getTime() - Date.now(), waitAtMostMs)),
    );
    this.#waiting.add(timer);
  }

  #persist<T>(trouble: string, work: () => Promise<T>): Promise<T> {
    const onTrouble = (error: unknown) => this.#options.logger.warn(trouble, { reason: String(error) });
    return persist(work, { signal: this.#stop.signal, onTrouble });
  }
}
