import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";

export const createRabbit = (
  urls: readonly string[],
  queue: string,
  logger: Logger,
  setup: (connection: RabbitConnection) => Promise<void>,
) => new RabbitConnectionManager({ urls, queues: [queue], logger, setup });

/** A connection of its own for dead letters: an alarm blocks connections that publish, and must not block the consumer. */
export const createDeadLetterRabbit = (urls: readonly string[], queue: string, logger: Logger) =>
  new RabbitConnectionManager({ urls, queues: [deadLetterQueue(queue)], logger, purpose: "dead letters" });
