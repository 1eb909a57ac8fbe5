import { randomUUID } from "node:crypto";
import type { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import type { ConsumeMessage, Options } from "amqplib";

/**
 * Publishes `message` to `queue` with its body, properties and headers, and the reason why it is there; resolves when
 * that is confirmed. Three things would do harm a second time, and go into headers of ours: a CC header would send the
 * message to other queues again, the one it came from among them; an expiration would make it vanish; RabbitMQ refuses
 * a user id that is not that of the publisher's connection.
 */
export async function publishDeadLetter(publisher: Publisher, queue: string, message: ConsumeMessage, reason: string) {
  const { headers, expiration, userId, timestamp, ...others } = message.properties;
  const { CC, ...otherHeaders } = headers ?? {};
  const properties = { ...others, messageId: others.messageId ?? randomUUID() };
  const ownHeaders = withoutUndefined({
    "x-dead-letter-reason": reason,
    "x-dead-letter-service": "notifications_service",
    "x-dead-letter-time": new Date().toISOString(),
    "x-dead-letter-cc": CC,
    "x-dead-letter-expiration": expiration,
    "x-dead-letter-user-id": userId,
  });
  const publish = (options: Options.Publish) => publisher.publish(queue, message.content, options);
  try {
    await publish({ ...properties, timestamp, headers: { ...otherHeaders, ...ownHeaders } });
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    await publish({ ...properties, headers: { ...ownHeaders, "x-dead-letter-left-out": "headers and timestamp" } });
  }
}

/** amqplib reads more than it can write: over 64 KiB of headers, times beyond 2^53, tables that look like its own marks. */
const isUnwritable = (error: unknown): boolean => error instanceof RangeError || error instanceof TypeError;

const withoutUndefined = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
