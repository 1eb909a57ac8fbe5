import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";

/** The connection for publishing orders to `queue`, and to `exchange` if there is one. */
export const createRabbit = (urls: readonly string[], queue: string, logger: Logger, exchange?: string) =>
  new RabbitConnectionManager({ urls, queues: [queue], exchange, logger });
