import type { Logger } from "@order-flow/common/logging/logger.js";
import { deadLetterQueue } from "@order-flow/common/messaging/queues.js";
import type { Session } from "@order-flow/common/messaging/session.js";
import { RabbitSupervisor } from "@order-flow/common/messaging/supervisor.js";
import type { ConsumeMessage } from "amqplib";

/** Messages that may be delivered and not yet acked. */
export const prefetch = 200;

interface RabbitOptions {
  readonly url: string;
  readonly queue: string;
  readonly logger: Logger;
  readonly onMessage: (message: ConsumeMessage, session: Session) => void;
}

/** The connection on which `queue` is consumed. */
export const createRabbit = ({ url, queue, logger, onMessage }: RabbitOptions): RabbitSupervisor =>
  new RabbitSupervisor({
    url,
    queues: [queue],
    logger,
    setup: async (session) => {
      await session.channel.prefetch(prefetch);
      await session.channel.consume(queue, (message) => {
        // Null: the broker cancelled the consumer, because the queue was deleted or moved.
        if (message === null) session.fail(new Error("the consumer was cancelled"));
        else onMessage(message, session);
      });
    },
  });

/** The connection on which dead letters are published: an alarm stops those that publish, and must not stop the consumer. */
export const createDeadLetterRabbit = ({ url, queue, logger }: Omit<RabbitOptions, "onMessage">): RabbitSupervisor =>
  new RabbitSupervisor({ url, queues: [deadLetterQueue(queue)], logger, purpose: "dead letters" });
