import type { Logger } from "@order-flow/common/logging/logger.js";
import { RabbitSupervisor } from "@order-flow/common/messaging/supervisor.js";

/** The connection on which orders are published. It makes sure that `queue` exists. */
export const createRabbit = (url: string, queue: string, logger: Logger): RabbitSupervisor =>
  new RabbitSupervisor({ url, queues: [queue], logger });
