import type { Options } from "amqplib";
import { inSpan, messageAttributes, type SpanOptions, traceHeaders } from "../tracing/spans.js";
import { backoffDelayMs } from "../util/backoff.js";
import { TimeoutError, withTimeout } from "../util/timeout.js";
import type { RabbitConnectionManager } from "./connection_manager.js";
import { PublishError, UnroutableError } from "./publish_error.js";
import type { RabbitConnection } from "./rabbit_connection.js";

const confirmTimeoutMs = 5_000;
const maxInFlight = 2_000;
/** Between two connections that are given up: a full queue, or a cluster without a majority, must not cost many. */
const giveUpBackoff = { baseMs: 400, maxMs: 15_000 };

/** An exchange, and the key by which it finds the queues that are bound to it. */
export interface Topic {
  readonly exchange: string;
  readonly routingKey: string;
}

interface PublishOptions extends Pick<SpanOptions, "links"> {
  readonly topic?: Topic | undefined;
}

/** Publishes to queues. A resolved promise means that RabbitMQ has the message, in that queue, on its disk. */
export class Publisher {
  readonly #manager: RabbitConnectionManager;
  #inFlight = 0;
  /** Connections given up since the last confirmation, and until when the next one is kept. */
  #giveUps = 0;
  #noGiveUpBefore = 0;

  constructor(manager: RabbitConnectionManager) {
    this.#manager = manager;
  }

  /** False while there is no connection, or the broker has an alarm. */
  get isReady(): boolean {
    return this.#manager.connection !== undefined;
  }

  /** Publishes to `queue`, declared again if it was deleted, and to `topic` if given. Fails fast or times out. */
  publish(queue: string, content: Buffer, properties: Options.Publish, options: PublishOptions = {}): Promise<void> {
    const { topic, links = [] } = options;
    const attributes = messageAttributes("send", queue, properties);
    return inSpan(`send ${queue}`, { kind: "PRODUCER", attributes, links }, () => {
      const headers = { ...properties.headers, ...traceHeaders() };
      return this.#publish(queue, content, { ...properties, headers }, topic);
    });
  }

  async #publish(queue: string, content: Buffer, properties: Options.Publish, topic?: Topic): Promise<void> {
    const { connection } = this.#manager;
    if (!connection) throw new PublishError("the broker is away", { unsent: true });
    if (this.#inFlight >= maxInFlight) throw new PublishError("too many messages are in flight", { unsent: true });
    this.#inFlight += 1;
    try {
      // The topic first: if its exchange is missing, the channel closes before the queue has a copy that a retry would repeat.
      const onTopic = topic && confirmed(connection.publish(topic.routingKey, content, properties, topic.exchange));
      await Promise.all([onTopic, this.#publishToQueue(connection, queue, content, properties)]);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #publishToQueue(connection: RabbitConnection, queue: string, content: Buffer, properties: Options.Publish) {
    const send = () => confirmed(connection.publish(queue, content, properties));
    try {
      await send().catch(async (error: unknown) => {
        if (!(error instanceof UnroutableError)) throw error;
        await withTimeout(connection.declareQueues(), confirmTimeoutMs, "declaring the queue");
        await send();
      });
      this.#giveUps = 0;
    } catch (error) {
      throw this.#errorAfterGivingUp(connection, queue, error);
    }
  }

  /** Gives up a connection that confirms nothing or has refused all messages, and returns the error to throw. */
  #errorAfterGivingUp(connection: RabbitConnection, queue: string, error: unknown): unknown {
    const isRefused = error instanceof PublishError && !error.unsent && !(error instanceof UnroutableError);
    // RabbitMQ 3 goes on refusing on a channel that first published while its quorum queue had no leader.
    const refusesAll = isRefused && connection.isOpen && !connection.hasConfirmed(queue);
    if (!refusesAll && !(error instanceof TimeoutError)) return error;
    // While the broker blocks a connection it confirms nothing, and the manager does not offer it.
    if (this.#manager.connection === connection && performance.now() >= this.#noGiveUpBefore) {
      this.#giveUps += 1;
      this.#noGiveUpBefore = performance.now() + backoffDelayMs(this.#giveUps, giveUpBackoff);
      connection.fail(error);
    }
    // Deliberately no PublishError, after which an order backs off: the next connection may work.
    return refusesAll ? new Error(`the queue ${queue} refuses all messages`) : error;
  }
}

const confirmed = (publish: Promise<void>) => withTimeout(publish, confirmTimeoutMs, "the confirmation");
