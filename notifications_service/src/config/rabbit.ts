import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import type { ConsumeMessage } from "amqplib";

export const prefetch = 200;

export const createRabbit = (
  urls: readonly string[],
  queue: string,
  logger: Logger,
  onMessage: (message: ConsumeMessage, connection: RabbitConnection) => void,
): RabbitConnectionManager =>
  new RabbitConnectionManager({
    urls,
    queues: [queue],
    logger,
    setup: async (connection) => {
      await connection.channel.prefetch(prefetch);
      await connection.channel.consume(queue, (message) => {
        // The broker cancels a consumer when its queue is deleted or moved.
        if (message === null) connection.fail(new Error("the consumer was cancelled"));
        else onMessage(message, connection);
      });
    },
  });

/** A connection of its own for dead letters: an alarm blocks connections that publish, and must not block the consumer. */
export const createDeadLetterRabbit = (urls: readonly string[], queue: string, logger: Logger) =>
  new RabbitConnectionManager({ urls, queues: [deadLetterQueue(queue)], logger, purpose: "dead letters" });
