import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";

/** The connection for publishing orders to `queue`. */
export const createRabbit = (urls: readonly string[], queue: string, logger: Logger): RabbitConnectionManager =>
  new RabbitConnectionManager({ urls, queues: [queue], logger });
