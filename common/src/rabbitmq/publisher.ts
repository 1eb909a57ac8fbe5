import type { Options } from "amqplib";
import { inSpan, messageAttributes, type SpanOptions, traceHeaders } from "../tracing/spans.js";
import { backoffDelayMs } from "../util/backoff.js";
import { TimeoutError, withTimeout } from "../util/timeout.js";
import type { RabbitConnectionManager } from "./connection_manager.js";
import { PublishError, RefusedError, UnroutableError, UnsentError } from "./publish_error.js";
import type { RabbitConnection } from "./rabbit_connection.js";

/** For all of a publish, also if the queue has to be declared again. */
export const publishTimeoutMs = 5_000;
const maxInFlight = 2_000;
/** Between two connections that are given up: a full queue, or a cluster without a majority, must not cost many. */
const giveUpBackoff = { baseMs: 400, maxMs: 15_000 };

interface PublishOptions extends Pick<SpanOptions, "links"> {
  /** Gets a copy, with the message's type as its routing key. */
  readonly exchange?: string | undefined;
}

/** Publishes to queues. A resolved promise means that RabbitMQ has the message, in that queue, on its disk. */
export class Publisher {
  readonly #manager: RabbitConnectionManager;
  #inFlight = 0;
  /** How many connections were given up since the last confirmation. */
  #giveUps = 0;
  #noGiveUpBefore = 0;

  constructor(manager: RabbitConnectionManager) {
    this.#manager = manager;
  }

  /** False while there is no connection, or the broker has an alarm. */
  get isReady(): boolean {
    return this.#manager.connection !== undefined;
  }

  /** Publishes to `queue`, declared again if it was deleted, and to `exchange` if given. Fails fast or times out. */
  publish(queue: string, content: Buffer, properties: Options.Publish, { exchange, links = [] }: PublishOptions = {}) {
    const attributes = messageAttributes("send", queue, properties);
    return inSpan(`send ${queue}`, { kind: "PRODUCER", attributes, links }, () => {
      const headers = { ...properties.headers, ...traceHeaders() };
      return this.#publish(queue, content, { ...properties, headers }, exchange);
    });
  }

  async #publish(queue: string, content: Buffer, properties: Options.Publish, exchange?: string): Promise<void> {
    const { connection } = this.#manager;
    if (!connection) throw new UnsentError("the broker is away");
    if (this.#inFlight >= maxInFlight) throw new UnsentError("too many messages are in flight");
    this.#inFlight += 1;
    try {
      // The exchange first: if it is missing, the channel closes before the queue has a copy that a retry would repeat.
      const routed = exchange && confirmed(connection.publish(properties.type ?? "", content, properties, exchange));
      await Promise.all([routed, this.#publishToQueue(connection, queue, content, properties)]);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #publishToQueue(connection: RabbitConnection, queue: string, content: Buffer, properties: Options.Publish) {
    const send = () => connection.publish(queue, content, properties);
    const declareAndSend = async (error: unknown) => {
      if (!(error instanceof UnroutableError)) throw error;
      await connection.declareQueues();
      await send();
    };
    try {
      await confirmed(send().catch(declareAndSend));
      this.#giveUps = 0;
    } catch (error) {
      // A refusal before the first confirmation may be the connection's fault: RabbitMQ 3 goes on refusing on a channel
      // that first published while its quorum queue had no leader. An order backs off only after a `RefusedError`.
      const nothingConfirmed = error instanceof RefusedError && !connection.confirmedQueues.has(queue);
      if (nothingConfirmed || error instanceof TimeoutError) this.#giveUp(connection, error);
      throw nothingConfirmed ? new PublishError(`the queue ${queue} refuses all messages`) : error;
    }
  }

  /** Closes a connection that may work no more, so that the manager opens another, unless one was given up recently. */
  #giveUp(connection: RabbitConnection, reason: Error): void {
    // While the broker blocks a connection it confirms nothing, and the manager does not offer it.
    if (this.#manager.connection !== connection || performance.now() < this.#noGiveUpBefore) return;
    this.#giveUps += 1;
    this.#noGiveUpBefore = performance.now() + backoffDelayMs(this.#giveUps, giveUpBackoff);
    connection.fail(reason);
  }
}

const confirmed = (publish: Promise<void>) => withTimeout(publish, publishTimeoutMs, "the confirmation");
