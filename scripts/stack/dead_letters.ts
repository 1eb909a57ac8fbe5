import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import type { ConfirmChannel, GetMessage } from "amqplib";
import { connectToBroker } from "../runtime/clients.js";
import { UserError } from "../runtime/user_error.js";
import { composeUrls } from "./compose.js";
import { readRecord } from "./record.js";
import { setting } from "./settings.js";
import { terminalText } from "./terminal_text.js";

/** The queue that orders go through. */
export const ordersQueue = setting("ORDERS_QUEUE") ?? "orders_queue";

/** The broker that `make up` uses, or the one RABBITMQ_URL names. */
export function brokerUrl(): string {
  const record = readRecord();
  return setting("RABBITMQ_URL") ?? (record?.runtime === "embedded" ? record : composeUrls()).rabbitmqUrl;
}

/**
 * Hands each message that is in the dead-letter queue now to `use`, which returns whether it is done with. The others stay
 * in the queue. Throws a `UserError` if the broker or the queue is not there.
 */
export async function eachDeadLetter(
  use: (message: GetMessage, channel: ConfirmChannel) => Promise<boolean> | boolean,
): Promise<number> {
  const connection = await connectToBroker(brokerUrl(), 5_000).catch((error: unknown) => {
    throw new UserError(`The broker does not answer (${String(error)}). Start it with make up, or set RABBITMQ_URL`);
  });
  // The call that was refused says so itself.
  connection.on("error", () => {});
  try {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    const queue = deadLetterQueue(ordersQueue);
    const { messageCount } = await channel.checkQueue(queue).catch((error: unknown) => {
      if (/NOT-FOUND/.test(String(error))) throw new UserError(`There is no queue ${queue}`);
      throw new UserError(`${queue} can't be read: ${String(error)}`);
    });
    let taken = 0;
    for (; taken < messageCount; taken += 1) {
      const message = await channel.get(queue);
      if (!message) break;
      if (await use(message, channel)) channel.ack(message);
      else await keep(message, channel, queue).catch(() => {});
    }
    // Before the connection: else the broker may not have looked at the last ack.
    await channel.close();
    return taken;
  } finally {
    await connection.close().catch(() => {});
  }
}

/**
 * A message that is not acked goes back to its place when the connection is closed. A quorum queue drops one that did so too
 * often, and counts: such a message is published again.
 */
async function keep(message: GetMessage, channel: ConfirmChannel, queue: string): Promise<void> {
  const { headers = {}, userId, ...others } = message.properties;
  const { "x-delivery-count": returns = 0, CC, ...otherHeaders } = headers;
  if (returns === 0) return;
  // CC would route it elsewhere too, and RabbitMQ refuses another user's id. amqplib leaves out what is undefined.
  const kept = { "x-dead-letter-cc": CC, "x-dead-letter-user-id": userId, ...otherHeaders };
  channel.sendToQueue(queue, message.content, { ...others, headers: kept, persistent: true });
  await channel.waitForConfirms();
  channel.ack(message);
}

/** What a person wants to know of a dead letter. Those that the broker itself put aside have its headers, not ours. */
export function describeLetter({ properties }: GetMessage) {
  const { headers = {}, messageId, correlationId, appId } = properties;
  const death = headers["x-death"]?.[0];
  const ownTime = headers["x-dead-letter-time"];
  const diedAt = ownTime === undefined ? Number(death?.time?.value) * 1_000 : Date.parse(String(ownTime));
  const reason = headers["x-dead-letter-reason"] ?? (death && `${death.reason} (${death.queue})`) ?? "unknown";
  return {
    id: terminalText(String(messageId ?? correlationId ?? "-")),
    seconds: Number.isFinite(diedAt) ? Math.round((Date.now() - diedAt) / 1_000) : undefined,
    reason: terminalText(`${reason}${appId ? ` (sent by ${appId})` : ""}`),
  };
}
