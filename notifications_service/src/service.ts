import { promisify } from "node:util";
import type { Config } from "@order-flow/common/config/config.js";
import { createHttpApp } from "@order-flow/common/http/app.js";
import { databaseDependency, rabbitDependency } from "@order-flow/common/http/health.js";
import { createRegistry } from "@order-flow/common/http/metrics.js";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { registerConnectionMetrics, registerDeadLetterMetric } from "@order-flow/common/rabbitmq/metrics.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import { createDatabase } from "./config/database.js";
import type { environmentSpecs } from "./config/environment.js";
import { notificationMetrics } from "./config/metrics.js";
import { createDeadLetterRabbit, createRabbit } from "./config/rabbit.js";
import { createInboxModel } from "./models/inbox_entry.js";
import { DeadLetters } from "./services/dead_letters.js";
import { InMemoryInbox, MongoInbox } from "./services/inbox.js";
import { Notifier, prefetch } from "./services/notifier.js";

/** Resolves when the system has taken the text, however slow the reader is; rejects if the reader is gone (EPIPE). */
const writeToStandardOutput = promisify((text: string, done: (error?: Error | null) => void) =>
  process.stdout.write(text, done),
);

export function createNotificationsService(config: Config<typeof environmentSpecs>, logger: Logger) {
  const { MONGODB_URI: uri, RABBITMQ_URL: urls, ORDERS_QUEUE: queue } = config;
  const database = uri === undefined ? undefined : createDatabase(uri, logger);
  const inbox = database ? new MongoInbox(createInboxModel(database.connection), database) : new InMemoryInbox();
  const registry = createRegistry();
  const { count, observeDelay } = notificationMetrics(registry);
  const letterRabbit = createDeadLetterRabbit(urls, queue, logger);
  const deadLetters = new DeadLetters({
    publisher: new Publisher(letterRabbit),
    queue: deadLetterQueue(queue),
    logger,
    readyUpTo: prefetch / 2,
    onDelivered: () => count("dead_lettered", 1),
  });
  const notifier = new Notifier({ inbox, deadLetters, logger, write: writeToStandardOutput, count, observeDelay });
  const rabbit = createRabbit(urls, queue, logger, (connection) => notifier.subscribe(queue, connection));
  registerConnectionMetrics(registry, { orders: rabbit, dead_letters: letterRabbit });
  registerDeadLetterMetric(registry, letterRabbit, deadLetterQueue(queue));
  const dependencies = [
    rabbitDependency(rabbit, { critical: true }),
    { name: "dead_letters", isUp: () => !deadLetters.error, reason: () => deadLetters.error },
    ...(database ? [databaseDependency(database)] : []),
  ];
  return {
    app: createHttpApp({ settings: config, logger, dependencies, registry }),
    start: () => {
      database?.start();
      rabbit.start();
      letterRabbit.start();
    },
    stop: async () => {
      await notifier.stop();
      await Promise.all([rabbit.close(), letterRabbit.close()]);
      await database?.close();
    },
  };
}
