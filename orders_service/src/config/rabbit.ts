import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";

/** The connection on which orders are published. It makes sure that `queue` exists. */
export const createRabbit = (url: string, queue: string, logger: Logger): RabbitConnectionManager =>
  new RabbitConnectionManager({ url, queues: [queue], logger });
