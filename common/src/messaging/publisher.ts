import { randomUUID } from "node:crypto";
import type { Message, Options } from "amqplib";
import { withTimeout } from "../util/timeout.js";
import type { Session } from "./session.js";
import type { RabbitSupervisor } from "./supervisor.js";

const confirmTimeoutMs = 5_000;
const mostInFlight = 2_000;

/** Why a message is not known to be in its queue. What was thrown for may still have arrived, unless `unsent`. */
export class PublishError extends Error {
  override name = "PublishError";
  /** True where the broker was not asked at all: there is no connection, or too much is in flight. */
  readonly unsent: boolean;

  constructor(message: string, unsent = false) {
    super(message);
    this.unsent = unsent;
  }
}

class ReturnedError extends PublishError {}

/** Publishes to queues so that a resolved promise means: RabbitMQ has it, in that queue, on its disk. */
export class Publisher {
  readonly #supervisor: RabbitSupervisor;
  /** Ids of messages that came back as unroutable; the broker sends that before it confirms them. */
  readonly #returned = new WeakMap<Session, Set<string>>();
  readonly #inFlight = new Set<Promise<void>>();

  constructor(supervisor: RabbitSupervisor) {
    this.#supervisor = supervisor;
  }

  /** False while nothing can be sent: there is no connection, or the broker has an alarm. */
  get isReady(): boolean {
    return this.#supervisor.session !== undefined;
  }

  /**
   * Sends `content` to `queue`: persistent, mandatory, confirmed. Where the queue was deleted it is declared again
   * and the message sent once more. Throws within some seconds if there is no confirmation.
   */
  publish(queue: string, content: Buffer, properties: Options.Publish): Promise<void> {
    const session = this.#supervisor.session;
    if (!session) return Promise.reject(new PublishError("the broker is away", true));
    if (this.#inFlight.size >= mostInFlight) return Promise.reject(new PublishError("too many are in flight", true));
    const work = this.#deliver(session, queue, content, { messageId: randomUUID(), ...properties });
    this.#inFlight.add(work);
    return work.finally(() => this.#inFlight.delete(work));
  }

  /** Resolves when nothing is in flight any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#inFlight]);
  }

  async #deliver(session: Session, queue: string, content: Buffer, properties: Options.Publish): Promise<void> {
    const send = () =>
      withTimeout(this.#send(session, queue, content, properties), confirmTimeoutMs, "the confirmation");
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ReturnedError)) throw error;
      await withTimeout(this.#supervisor.restoreQueues(session), confirmTimeoutMs, "declaring the queue");
      await send();
    }
  }

  async #send(session: Session, queue: string, content: Buffer, properties: Options.Publish): Promise<void> {
    const returned = this.#returnedOn(session);
    const id = String(properties.messageId);
    await session.writable();
    if (!session.alive) throw new PublishError("the connection was lost", true);
    await new Promise<void>((resolve, reject) => {
      const settle = (error: unknown) => {
        if (returned.delete(id)) reject(new ReturnedError(`the queue ${queue} does not exist`));
        else if (error) reject(new PublishError(error instanceof Error ? error.message : "not confirmed"));
        else resolve();
      };
      // Persistent: without it RabbitMQ confirms from memory, and a killed broker forgets what it confirmed.
      const options = { ...properties, persistent: true, mandatory: true };
      if (!session.channel.sendToQueue(queue, content, options, settle)) session.filled();
    });
  }

  #returnedOn(session: Session): Set<string> {
    const known = this.#returned.get(session);
    if (known) return known;
    const ids = new Set<string>();
    session.channel.on("return", (message: Message) => ids.add(String(message.properties.messageId)));
    this.#returned.set(session, ids);
    return ids;
  }
}
