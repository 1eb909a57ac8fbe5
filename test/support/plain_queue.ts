import { type Channel, type ChannelModel, connect, type GetMessage } from "amqplib";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { assertDocumentedMessage } from "./documented_message.js";

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

  /** Takes the next message, and waits if there is none yet. */
  next(): Promise<GetMessage> {
    return this.#first(() => true);
  }

  /** Takes the message with this id, and those before it. */
  messageOf(id: string): Promise<GetMessage> {
    return this.#first(({ properties }) => properties.messageId === id);
  }

  /** Takes all messages that are there now. */
  async all(): Promise<readonly GetMessage[]> {
    const messages: GetMessage[] = [];
    for (let message = await this.#get(); message; message = await this.#get()) messages.push(message);
    return messages;
  }

  /** Takes all messages that are there now, and returns the ids of those with one of these: once for each copy. */
  async copiesOf(...ids: readonly string[]): Promise<unknown[]> {
    const found = (await this.all()).map(({ properties }): unknown => properties.messageId);
    return found.filter((id) => typeof id === "string" && ids.includes(id)).sort();
  }

  /** Deletes the queue, and closes; also where a test's mistake has closed the channel. */
  async remove(): Promise<void> {
    try {
      await (await this.#connection.createChannel()).deleteQueue(this.name);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => {});
  }

  async #get(): Promise<GetMessage | false> {
    const message = await this.channel.get(this.name, { noAck: true });
    if (message) assertDocumentedMessage(message);
    return message;
  }

  async #first(wanted: (message: GetMessage) => boolean): Promise<GetMessage> {
    const found: GetMessage[] = [];
    const look = async () => {
      for (let message = await this.#get(); message; message = await this.#get()) {
        if (!wanted(message)) continue;
        found.push(message);
        return true;
      }
      return false;
    };
    await waitUntil(look, { what: `the message is on ${this.name}`, deadlineMs: 15_000 });
    const [message] = found;
    if (!message) throw new Error("it was found");
    return message;
  }
}
