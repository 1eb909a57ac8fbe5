import { once } from "node:events";
import { Socket } from "node:net";
import { type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from "amqplib";
import { withTimeout } from "../util/timeout.js";
import { writeTogether } from "./write_together.js";

const handshakeTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;
const heartbeatSeconds = 10;

/** One connection with one confirm channel. It lives until either is lost, and is never revived. */
export class Session {
  /** Resolves, and never rejects, with the reason why the session ended. */
  readonly ended: Promise<Error>;
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  readonly #end: (reason: Error) => void;
  #alive = true;
  #blocked = false;
  #drained: Promise<unknown> | undefined;

  /** Connects to `url` and opens the channel; `prepare` runs in between. Throws what went wrong, or a time-out. */
  static async open(url: string, prepare: (connection: ChannelModel) => Promise<void>): Promise<Session> {
    const connection = await connect(withHeartbeat(url), { timeout: handshakeTimeoutMs, noDelay: true });
    // Before anything is awaited: an `error` event that nobody listens to would end the process.
    const lost = whenLost(connection);
    const socket = socketOf(connection);
    if (socket) writeTogether(socket);
    try {
      const opening = prepare(connection).then(() => connection.createConfirmChannel());
      const channel = await withTimeout(
        Promise.race([opening, throwing(lost)]),
        handshakeTimeoutMs,
        "opening a channel",
      );
      return new Session(connection, channel, lost);
    } catch (error) {
      await closeConnection(connection);
      throw error;
    }
  }

  private constructor(connection: ChannelModel, channel: ConfirmChannel, lost: Promise<Error>) {
    this.connection = connection;
    this.channel = channel;
    let resolveEnded: (reason: Error) => void;
    this.ended = new Promise((resolve) => {
      resolveEnded = resolve;
    });
    this.#end = (reason) => {
      this.#alive = false;
      resolveEnded(reason);
    };
    lost.then(this.#end);
    for (const emitter of [connection, channel]) {
      emitter.on("error", (error: Error) => this.#end(error));
      emitter.on("close", () => this.#end(new Error("the broker closed the connection")));
    }
    connection.on("blocked", () => {
      this.#blocked = true;
    });
    connection.on("unblocked", () => {
      this.#blocked = false;
    });
  }

  /** False as soon as the session is lost. */
  get alive(): boolean {
    return this.#alive;
  }

  /** True while the broker takes no messages (a memory or disk alarm). */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Ends the session because something that it stands for is gone: a cancelled consumer, say. */
  fail(reason: Error): void {
    this.#end(reason);
  }

  /** Acks `message`, which this session delivered. After the session's end nothing is sent: it will come again. */
  ack(message: ConsumeMessage): void {
    if (this.#alive) this.channel.ack(message);
  }

  /** Resolves when the socket's buffer has room, at once where it has, or when the session ends. */
  async writable(): Promise<void> {
    await this.#drained;
  }

  /** Notes that a publish filled the buffer: `writable` waits until it has drained. */
  filled(): void {
    const over = () => {
      this.#drained = undefined;
    };
    // `once` rejects when the channel fails; that is told by `ended`.
    this.#drained ??= Promise.race([once(this.channel, "drain"), this.ended]).then(over, over);
  }

  /** Closes channel and connection. Never throws, and gives up on each answer after a second. */
  async close(): Promise<void> {
    // The channel first: amqplib lets the closing of the connection overtake acks, and then their messages come again.
    if (this.#alive) await closeQuietly(this.channel);
    await closeConnection(this.connection);
    this.#end(new Error("closed"));
  }
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(heartbeatSeconds));
  return parsed.href;
}

function whenLost(connection: ChannelModel): Promise<Error> {
  return new Promise((resolve) => {
    connection.on("error", resolve);
    connection.on("close", (error) => resolve(error ?? new Error("the connection was closed")));
  });
}

async function throwing(lost: Promise<Error>): Promise<never> {
  throw await lost;
}

/** Also where the peer no longer answers: amqplib only half-closes, and would keep that socket for a quarter of an hour. */
async function closeConnection(model: ChannelModel): Promise<void> {
  await closeQuietly(model);
  socketOf(model)?.destroy(new Error("given up"));
}

function socketOf({ connection }: ChannelModel): Socket | undefined {
  return "stream" in connection && connection.stream instanceof Socket ? connection.stream : undefined;
}

async function closeQuietly(open: { close(): Promise<void> }): Promise<void> {
  await withTimeout(open.close(), closeTimeoutMs, "closing").catch(() => {});
}
