import { type ChannelModel, type ConfirmChannel, connect, type GetMessage, type Options } from "amqplib";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "./cleanup.js";
import { assertDocumentedMessage } from "./documented_message.js";
import { testServers, uniqueName } from "./services.js";

/**
 * A queue of its own and the one for its dead letters, through a plain client that knows nothing of `common`. Both are
 * deleted when the tests are over.
 */
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

  /** Declares both queues on the test run's broker, or on the one at `url`. */
  static async create(url = testServers().rabbitmq, name = uniqueName("notifications")): Promise<TestQueue> {
    const connection = await connect(url);
    const queue = new TestQueue(connection, await connection.createConfirmChannel(), name);
    afterAll(() => queue.#remove());
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
    await waitUntil(async () => (await this.waiting(queue)) === count, { what, deadlineMs: 10_000 });
  }

  /** Waits for a dead letter and takes it. */
  async deadLetter(): Promise<GetMessage> {
    let message: GetMessage | false = false;
    const arrived = async () => {
      message = await this.channel.get(this.deadLetters, { noAck: true });
      return message !== false;
    };
    await waitUntil(arrived, { what: "a dead letter arrives", deadlineMs: 10_000 });
    if (!message) throw new Error("no dead letter");
    return message;
  }

  /** Takes all that waits in the queue. */
  async takeAll(): Promise<readonly GetMessage[]> {
    const messages: GetMessage[] = [];
    for (;;) {
      const message = await this.channel.get(this.name, { noAck: true });
      if (!message) return messages;
      assertDocumentedMessage(message);
      messages.push(message);
    }
  }

  async #remove(): Promise<void> {
    // A broker that a test killed has taken the connection with it.
    if (this.#lost) return;
    // Its own channel may have been closed by what a test asked for.
    const channel = await this.#connection.createChannel();
    for (const name of [this.name, this.deadLetters]) await channel.deleteQueue(name);
    await this.#connection.close();
  }
}

function contentOf(body: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** What the consumer prints for these orders. */
export const lines = (...ids: readonly string[]): string => ids.map((id) => `New order received: ${id}\n`).join("");
