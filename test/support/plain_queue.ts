import { type Channel, type ChannelModel, connect, type GetMessage } from "amqplib";
import { waitUntil } from "../../scripts/runtime/wait.js";

/** A queue as a stranger's client sees it: plain amqplib, nothing of our own. */
export class PlainQueue {
  readonly name: string;
  readonly channel: Channel;
  readonly #connection: ChannelModel;

  static async open(url: string, name: string): Promise<PlainQueue> {
    const connection = await connect(url);
    // Some tests kill the broker under it.
    connection.on("error", () => {});
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    return new PlainQueue(connection, channel, name);
  }

  private constructor(connection: ChannelModel, channel: Channel, name: string) {
    this.#connection = connection;
    this.channel = channel;
    this.name = name;
  }

  /** Takes the next message, and waits for it if there is none yet. */
  async next(): Promise<GetMessage> {
    const taken: GetMessage[] = [];
    const take = async () => {
      const message = await this.channel.get(this.name, { noAck: true });
      if (message) taken.push(message);
      return taken.length > 0;
    };
    await waitUntil(take, { what: `a message is on ${this.name}`, deadlineMs: 5_000 });
    const [message] = taken;
    if (!message) throw new Error("unreachable");
    return message;
  }

  /** Takes all messages that are there now. */
  async all(): Promise<readonly GetMessage[]> {
    const messages: GetMessage[] = [];
    for (;;) {
      const message = await this.channel.get(this.name, { noAck: true });
      if (!message) return messages;
      messages.push(message);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => {});
  }
}

/** The ids of messages, as their senders gave them. */
export const messageIds = (messages: readonly GetMessage[]): unknown[] =>
  messages.map(({ properties }) => properties.messageId);
