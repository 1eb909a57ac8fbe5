import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Socket } from "node:net";
import { type ChannelModel, type ConfirmChannel, connect, credentials, type Message, type Options } from "amqplib";
import type { Logger } from "winston";
import { withTimeout } from "../util/timeout.js";
import { PublishError, RefusedError, UnroutableError, UnsentError } from "./publish_error.js";
import { ensureExchange, ensureQueue } from "./queues.js";

const handshakeTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;
/** The broker counts as away after two to three intervals: within 10 s. */
const heartbeatSeconds = "3";

export interface ConnectionOptions {
  readonly url: string;
  /** Durable queues that are declared before the connection is used. */
  readonly queues: readonly string[];
  /** A durable topic exchange that is declared with them. */
  readonly exchange?: string | undefined;
  readonly logger: Logger;
}

/** A connection with one confirm channel. When either is closed, both are, and a new `RabbitConnection` is needed. */
export class RabbitConnection {
  readonly amqpConnection: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Resolves, and never rejects, with the reason why the connection was closed. */
  readonly closed: Promise<Error>;
  readonly #options: ConnectionOptions;
  /** Its signal is aborted, with the reason, when the connection is lost or closed. */
  readonly #lost: AbortController;
  /** An array, since several copies of a message may be in flight. */
  readonly #returnedIds: string[] = [];
  /** Those to which the broker has confirmed a message on this connection. */
  readonly confirmedQueues = new Set<string>();
  #declaring: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Connects, declares the queues and opens the channel. */
  static async open(options: ConnectionOptions): Promise<RabbitConnection> {
    const connection = await connectTo(options.url);
    // Before the next await: an `error` event without a listener would end the process.
    const lost = watchLoss(connection);
    const socket = socketOf(connection);
    if (socket) writeTogether(socket);
    try {
      const opening = ensureQueues(connection, options).then(() => connection.createConfirmChannel());
      const failing = abortReason(lost.signal).then((reason) => Promise.reject(reason));
      const channel = await withTimeout(Promise.race([opening, failing]), handshakeTimeoutMs, "opening a channel");
      return new RabbitConnection(options, connection, channel, lost);
    } catch (error) {
      await closeAndDestroy(connection);
      throw error;
    }
  }

  private constructor(options: ConnectionOptions, amqp: ChannelModel, channel: ConfirmChannel, lost: AbortController) {
    this.#options = options;
    this.amqpConnection = amqp;
    this.channel = channel;
    this.#lost = lost;
    this.closed = abortReason(lost.signal);
    channel.on("error", (error) => this.fail(error));
    // Before amqplib's own listener, which fails every publish that is not confirmed.
    channel.prependListener("close", () => this.fail(new Error("the channel was closed")));
    // The broker returns an unroutable message before it confirms it.
    channel.on("return", ({ properties }) => this.#returnedIds.push(properties.messageId));
  }

  get isOpen(): boolean {
    return !this.#lost.signal.aborted;
  }

  /** Marks the connection as lost, for example because its consumer was cancelled; the manager closes it. */
  fail(reason: Error): void {
    this.#lost.abort(reason);
  }

  /** Acks a message that this connection delivered; a no-op once it is being closed, since the broker redelivers it. */
  ack(message: Message): void {
    if (this.isOpen) this.channel.ack(message);
  }

  /** Publishes to the queue `routingKey`, which must exist, or to an exchange; resolves when the broker confirms. */
  async publish(routingKey: string, content: Buffer, properties: Options.Publish, exchange = ""): Promise<void> {
    if (!this.isOpen) throw new UnsentError("the connection was lost");
    const messageId = properties.messageId ?? randomUUID();
    // An exchange may have no queue yet.
    const mandatory = exchange === "";
    await new Promise<void>((resolve, reject) => {
      const onConfirm = (error: Error | null) => {
        if (mandatory && this.#takeReturned(messageId))
          return reject(new UnroutableError(`the queue ${routingKey} does not exist`));
        if (error) return reject(this.isOpen ? new RefusedError(error.message) : new PublishError("channel closed"));
        if (mandatory) this.confirmedQueues.add(routingKey);
        resolve();
      };
      const options = { persistent: true, mandatory, ...properties, messageId };
      // Wins over `properties`: the broker loses transient messages when it is killed. Node 20 is slow to add members behind
      // a spread, so it stands in the literal as well.
      options.persistent = true;
      this.channel.publish(exchange, routingKey, content, options, onConfirm);
    });
  }

  /** Declares the queues again after one was deleted. Concurrent calls share the work: channels are limited. */
  declareQueues(): Promise<void> {
    this.#declaring ??= ensureQueues(this.amqpConnection, this.#options).finally(() => (this.#declaring = undefined));
    return this.#declaring;
  }

  /** Closes channel and connection; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasOpen = this.isOpen;
    // From here on nothing may be acked: on a channel that is closing amqplib throws.
    this.fail(new Error("closed"));
    // The channel first: amqplib lets the connection's close overtake acks, and their messages would be redelivered.
    if (wasOpen) await tryClose(this.channel);
    await closeAndDestroy(this.amqpConnection);
  }

  #takeReturned(messageId: string): boolean {
    const index = this.#returnedIds.indexOf(messageId);
    if (index >= 0) this.#returnedIds.splice(index, 1);
    return index >= 0;
  }
}

function connectTo(url: string): Promise<ChannelModel> {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", heartbeatSeconds);
  const [user = "", password = ""] = [parsed.username, parsed.password].map(decodeURIComponent);
  // amqplib would decode the URL's as Latin-1.
  const decoded = user || password ? { credentials: credentials.plain(user, password) } : {};
  return connect(parsed.href, { timeout: handshakeTimeoutMs, noDelay: true, ...decoded });
}

async function ensureQueues(connection: ChannelModel, options: ConnectionOptions): Promise<void> {
  for (const queue of options.queues) await ensureQueue(connection, queue, options.logger);
  if (options.exchange !== undefined) await ensureExchange(connection, options.exchange);
}

function watchLoss(connection: ChannelModel): AbortController {
  const lost = new AbortController();
  connection.on("error", (error) => lost.abort(error));
  connection.on("close", (error) => lost.abort(error ?? new Error("the connection was closed")));
  return lost;
}

/** Waits for the signal, and resolves with its reason. */
async function abortReason(signal: AbortSignal): Promise<Error> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

/** Destroys the socket too: amqplib only half-closes it, and would keep one whose peer is gone for 15 minutes. */
async function closeAndDestroy(connection: ChannelModel): Promise<void> {
  await tryClose(connection);
  socketOf(connection)?.destroy(new Error("closed"));
}

const socketOf = ({ connection }: ChannelModel): Socket | undefined =>
  "stream" in connection && connection.stream instanceof Socket ? connection.stream : undefined;

/** Sends what one turn of the event loop writes in one system call: amqplib makes one for each message and ack. */
function writeTogether(socket: Socket): void {
  socket.write = new Proxy(socket.write, {
    apply(write, self, args) {
      if (socket.writableCorked === 0) {
        socket.cork();
        setImmediate(() => socket.uncork());
      }
      return Reflect.apply(write, self, args);
    },
  });
}

async function tryClose(open: { close(): Promise<void> }): Promise<void> {
  await withTimeout(open.close(), closeTimeoutMs, "closing").catch(() => {});
}
