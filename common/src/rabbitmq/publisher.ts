import type { Options } from "amqplib";
import { withTimeout } from "../util/timeout.js";
import type { RabbitConnectionManager } from "./connection_manager.js";
import { PublishError, UnroutableError } from "./publish_error.js";
import type { RabbitConnection } from "./rabbit_connection.js";

const confirmTimeoutMs = 5_000;
const maxInFlight = 2_000;

/** Publishes to queues. A resolved promise means that RabbitMQ has the message, in that queue, on its disk. */
export class Publisher {
  readonly #manager: RabbitConnectionManager;
  #inFlight = 0;

  constructor(manager: RabbitConnectionManager) {
    this.#manager = manager;
  }

  /** False while there is no connection, or the broker has an alarm. */
  get isReady(): boolean {
    return this.#manager.connection !== undefined;
  }

  /** Publishes `content` to `queue`, which is declared again if it was deleted. Fails fast, or after a timeout. */
  async publish(queue: string, content: Buffer, properties: Options.Publish): Promise<void> {
    const { connection } = this.#manager;
    if (!connection) throw new PublishError("the broker is away", { unsent: true });
    if (this.#inFlight >= maxInFlight) throw new PublishError("too many messages are in flight", { unsent: true });
    this.#inFlight += 1;
    try {
      await this.#publish(connection, queue, content, properties);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #publish(connection: RabbitConnection, queue: string, content: Buffer, properties: Options.Publish) {
    const send = () =>
      withTimeout(connection.publish(queue, content, properties), confirmTimeoutMs, "the confirmation");
    try {
      await send();
    } catch (error) {
      if (!(error instanceof UnroutableError)) throw error;
      await withTimeout(connection.declareQueues(), confirmTimeoutMs, "declaring the queue");
      await send();
    }
  }
}
