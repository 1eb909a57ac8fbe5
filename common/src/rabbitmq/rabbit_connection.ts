import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Socket } from "node:net";
import { type ChannelModel, type ConfirmChannel, connect, credentials, type Message, type Options } from "amqplib";
import type { Logger } from "winston";
import { withTimeout } from "../util/timeout.js";
import { PublishError, RefusedError, UnroutableError } from "./publish_error.js";
import { ensureExchange, ensureQueue } from "./queues.js";

const handshakeTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;
/** The broker counts as away after two to three intervals: within 10 s. */
const heartbeatSeconds = "3";

export interface RabbitConnectionOptions {
  readonly url: string;
  /** Durable queues that are declared before the connection is used. */
  readonly queues: readonly string[];
  /** A durable topic exchange that is declared with them. */
  readonly exchange?: string | undefined;
  readonly logger: Logger;
}

/** A connection with one confirm channel. When either is closed, both are, and a new `RabbitConnection` is needed. */
export class RabbitConnection {
  readonly amqp: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Resolves, and never rejects, with the reason why the connection was closed. */
  readonly closed: Promise<Error>;
  readonly #options: RabbitConnectionOptions;
  readonly #closing: AbortController;
  /** An array, since several copies of a message may be in flight. */
  readonly #returnedIds: string[] = [];
  readonly #confirmedQueues = new Set<string>();
  #drained: Promise<void> | undefined;
  #declaring: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** Connects, declares the queues and opens the channel. */
  static async open(options: RabbitConnectionOptions): Promise<RabbitConnection> {
    const amqp = await connectTo(options.url);
    // Before the next await: an `error` event without a listener would end the process.
    const closing = abortedByClose(amqp);
    try {
      const opening = ensureQueues(amqp, options).then(() => amqp.createConfirmChannel());
      const failing = whenAborted(closing.signal).then((reason) => Promise.reject(reason));
      const channel = await withTimeout(Promise.race([opening, failing]), handshakeTimeoutMs, "opening a channel");
      return new RabbitConnection(options, amqp, channel, closing);
    } catch (error) {
      await closeAmqp(amqp);
      throw error;
    }
  }

  private constructor(
    options: RabbitConnectionOptions,
    amqp: ChannelModel,
    channel: ConfirmChannel,
    closing: AbortController,
  ) {
    this.#options = options;
    this.amqp = amqp;
    this.channel = channel;
    this.#closing = closing;
    this.closed = whenAborted(closing.signal);
    channel.on("error", (error) => this.fail(error));
    channel.on("close", () => this.fail(new Error("the channel was closed")));
    // The broker returns an unroutable message before it confirms it.
    channel.on("return", ({ properties }) => this.#returnedIds.push(properties.messageId));
  }

  get isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Whether the broker has confirmed a message to `queue` on this connection. */
  hasConfirmed(queue: string): boolean {
    return this.#confirmedQueues.has(queue);
  }

  /** Gives the connection up, for example because its consumer was cancelled. */
  fail(reason: Error): void {
    this.#closing.abort(reason);
  }

  /** Acks a message that this connection delivered; a no-op once it is closed, since the broker redelivers it. */
  ack(message: Message): void {
    if (this.isOpen) this.channel.ack(message);
  }

  /** Publishes to the queue `routingKey`, which must exist, or to an exchange; resolves when the broker confirms. */
  async publish(routingKey: string, content: Buffer, properties: Options.Publish, exchange = ""): Promise<void> {
    await this.#drained;
    if (!this.isOpen) throw new PublishError("the connection was lost", { unsent: true });
    const messageId = properties.messageId ?? randomUUID();
    // An exchange may have no queue yet.
    const mandatory = exchange === "";
    await new Promise<void>((resolve, reject) => {
      const onConfirm = (error: unknown) => {
        if (mandatory && this.#takeReturned(messageId))
          return reject(new UnroutableError(`the queue ${routingKey} does not exist`));
        if (error) return reject(new RefusedError(error instanceof Error ? error.message : "not confirmed"));
        if (mandatory) this.#confirmedQueues.add(routingKey);
        resolve();
      };
      // Transient messages are confirmed from memory, and lost when the broker is killed.
      const options = { ...properties, messageId, persistent: true, mandatory };
      if (!this.channel.publish(exchange, routingKey, content, options, onConfirm))
        this.#drained ??= this.#waitForDrain();
    });
  }

  /** Declares the queues again after one was deleted. Concurrent calls share the work: channels are limited. */
  declareQueues(): Promise<void> {
    this.#declaring ??= ensureQueues(this.amqp, this.#options).finally(() => (this.#declaring = undefined));
    return this.#declaring;
  }

  /** Closes channel and connection; never throws. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const wasOpen = this.isOpen;
    // From here on nothing may be acked: on a channel that is closing amqplib throws.
    this.fail(new Error("closed"));
    // The channel first: amqplib lets the connection's close overtake acks, and their messages would be redelivered.
    if (wasOpen) await closeQuietly(this.channel);
    await closeAmqp(this.amqp);
  }

  #takeReturned(messageId: string): boolean {
    const index = this.#returnedIds.indexOf(messageId);
    if (index >= 0) this.#returnedIds.splice(index, 1);
    return index >= 0;
  }

  async #waitForDrain(): Promise<void> {
    await Promise.race([once(this.channel, "drain"), this.closed]).catch(() => {});
    this.#drained = undefined;
  }
}

function connectTo(url: string): Promise<ChannelModel> {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", heartbeatSeconds);
  const options = { timeout: handshakeTimeoutMs, noDelay: true };
  const [user = "", password = ""] = [parsed.username, parsed.password].map(decodeURIComponent);
  if (!user && !password) return connect(parsed.href, options);
  // amqplib would decode the URL's credentials as Latin-1.
  return connect(parsed.href, { ...options, credentials: credentials.plain(user, password) });
}

async function ensureQueues(amqp: ChannelModel, { queues, exchange, logger }: RabbitConnectionOptions): Promise<void> {
  for (const queue of queues) await ensureQueue(amqp, queue, logger);
  if (exchange !== undefined) await ensureExchange(amqp, exchange);
}

function abortedByClose(amqp: ChannelModel): AbortController {
  const closing = new AbortController();
  amqp.on("error", (error) => closing.abort(error));
  amqp.on("close", (error) => closing.abort(error ?? new Error("the connection was closed")));
  return closing;
}

async function whenAborted(signal: AbortSignal): Promise<Error> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

/** Destroys the socket too: amqplib only half-closes it, and would keep one whose peer is gone for 15 minutes. */
async function closeAmqp(amqp: ChannelModel): Promise<void> {
  await closeQuietly(amqp);
  const { connection } = amqp;
  if ("stream" in connection && connection.stream instanceof Socket) connection.stream.destroy(new Error("closed"));
}

async function closeQuietly(open: { close(): Promise<void> }): Promise<void> {
  await withTimeout(open.close(), closeTimeoutMs, "closing").catch(() => {});
}
