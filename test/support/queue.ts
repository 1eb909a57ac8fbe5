import assert from "node:assert/strict";
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage, type Options } from "amqplib";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "./cleanup.js";
import { assertDocumentedMessage } from "./documented_message.js";
import { testServers, uniqueName } from "./services.js";

/** A queue and the one for its dead letters, through a plain client that knows nothing of `common`. */
export class TestQueue {
  readonly name: string;
  readonly deadLetters: string;
  readonly channel: ConfirmChannel;
  readonly #connection: ChannelModel;
  #lost = false;

  private constructor(connection: ChannelModel, channel: ConfirmChannel, name: string) {
    this.#connection = connection;
    this.channel = channel;
    // The call that was refused rejects with the same error.
    channel.on("error", () => {});
    connection.on("error", () => {
      this.#lost = true;
    });
    this.name = name;
    this.deadLetters = `${name}.dlq`;
  }

  /** Looks at a queue that somebody else declares, and deletes. */
  static async open(url: string, name: string): Promise<TestQueue> {
    const connection = await connect(url);
    const queue = new TestQueue(connection, await connection.createConfirmChannel(), name);
    afterAll(() => queue.close());
    return queue;
  }

  /** Declares both queues on the test run's broker, or on the one at `url`; deletes them when the tests are over. */
  static async create(url = testServers().rabbitmq, name = uniqueName("notifications")): Promise<TestQueue> {
    const queue = await TestQueue.open(url, name);
    afterAll(() => queue.remove());
    await queue.declare();
    return queue;
  }

  async declare(): Promise<void> {
    for (const name of [this.name, this.deadLetters]) await this.channel.assertQueue(name, { durable: true });
  }

  /** Publishes messages, in order, each a body as it is sent or an object for JSON, and waits for the confirmations. */
  async publish(bodies: readonly (string | Buffer | object)[], properties: Options.Publish = {}): Promise<void> {
    for (const body of bodies) this.channel.sendToQueue(this.name, contentOf(body), properties);
    await this.channel.waitForConfirms();
  }

  /** Publishes an order's message for each of the ids. */
  async order(...ids: readonly string[]): Promise<void> {
    await this.publish(ids.map((order_id) => ({ order_id })));
  }

  /** How many messages wait in a queue; those that a consumer has and did not ack are not among them. */
  async waiting(queue = this.name): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  /** Waits until so many messages wait: those of a consumer that ended come back a moment later. */
  async holds(count: number, queue = this.name): Promise<void> {
    const what = `${queue} holds ${count}`;
    await waitUntil(async () => (await this.waiting(queue)) === count, { what, deadlineMs: 60_000 });
  }

  /** Waits for a dead letter and takes it. */
  deadLetter(): Promise<GetMessage> {
    return this.#take(() => true, this.deadLetters);
  }

  /** Takes the next message, and waits if there is none yet. */
  next(): Promise<GetMessage> {
    return this.#take(() => true);
  }

  /** Takes the message with this id, and those before it. */
  messageOf(id: string): Promise<GetMessage> {
    return this.#take(({ properties }) => properties.messageId === id);
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

  /** Deletes both queues, unless the broker that a test killed has taken the connection with it. */
  async remove(): Promise<void> {
    if (this.#lost) return;
    // Its own channel may have been closed by what a test asked for.
    const channel = await this.#connection.createChannel();
    for (const name of [this.name, this.deadLetters]) await channel.deleteQueue(name);
    await channel.close();
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => {});
  }

  async #get(queue = this.name): Promise<GetMessage | false> {
    const message = await this.channel.get(queue, { noAck: true });
    if (message) assertDocumentedMessage(message);
    return message;
  }

  /** Takes messages until one is wanted. */
  async #take(wanted: (message: GetMessage) => boolean, queue = this.name): Promise<GetMessage> {
    let message: GetMessage | false = false;
    const arrives = async () => {
      do message = await this.#get(queue);
      while (message && !wanted(message));
      return message !== false;
    };
    await waitUntil(arrives, { what: `the message is on ${queue}`, deadlineMs: 60_000 });
    return message || assert.fail();
  }
}

function contentOf(body: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** What the consumer prints for these orders. */
export const lines = (...ids: readonly string[]): string => ids.map((id) => `New order received: ${id}\n`).join("");
