import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import type { RabbitConnection } from "@order-flow/common/rabbitmq/rabbit_connection.js";
import type { ConsumeMessage } from "amqplib";

/** Messages that may be delivered and not yet acked. */
export const prefetch = 200;

interface RabbitOptions {
  readonly url: string;
  readonly queue: string;
  readonly logger: Logger;
  readonly onMessage: (message: ConsumeMessage, connection: RabbitConnection) => void;
}

/** The connection on which `queue` is consumed. */
export const createRabbit = ({ url, queue, logger, onMessage }: RabbitOptions): RabbitConnectionManager =>
  new RabbitConnectionManager({
    url,
    queues: [queue],
    logger,
    setup: async (connection) => {
      await connection.channel.prefetch(prefetch);
      await connection.channel.consume(queue, (message) => {
        // Null: the broker cancelled the consumer, because the queue was deleted or moved.
        if (message === null) connection.fail(new Error("the consumer was cancelled"));
        else onMessage(message, connection);
      });
    },
  });

/** The connection on which dead letters are published: an alarm stops those that publish, and must not stop the consumer. */
export const createDeadLetterRabbit = ({
  url,
  queue,
  logger,
}: Omit<RabbitOptions, "onMessage">): RabbitConnectionManager =>
  new RabbitConnectionManager({ url, queues: [deadLetterQueue(queue)], logger, purpose: "dead letters" });
