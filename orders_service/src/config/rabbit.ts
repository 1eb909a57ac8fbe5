import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";

/** The connection for publishing orders to `queue`. */
export const createRabbit = (url: string, queue: string, logger: Logger): RabbitConnectionManager =>
  new RabbitConnectionManager({ url, queues: [queue], logger });
