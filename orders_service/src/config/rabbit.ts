import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";

/** The connection for publishing orders to `queue`, and to `exchange` if there is one. */
export const createRabbit = (url: string, queue: string, logger: Logger, exchange?: string): RabbitConnectionManager =>
  new RabbitConnectionManager({ url, queues: [queue], exchange, logger });
