import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { createHttpApp } from "@order-flow/common/http/app.js";
import { createRegistry } from "@order-flow/common/http/metrics.js";
import { listen, stopServer } from "@order-flow/common/http/server.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { startService, stopOnSignal } from "@order-flow/common/process/lifecycle.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { deadLetterQueue } from "@order-flow/common/rabbitmq/queues.js";
import { createDatabase } from "./config/database.js";
import { environment } from "./config/environment.js";
import { registerMessagesMetric } from "./config/metrics.js";
import { createDeadLetterRabbit, createRabbit, prefetch } from "./config/rabbit.js";
import { createInboxModel } from "./models/inbox_entry.js";
import { DeadLetters } from "./services/dead_letters.js";
import { InMemoryInbox, MongoInbox } from "./services/inbox.js";
import { Notifier } from "./services/notifier.js";
import { writeToStandardOutput } from "./services/standard_output.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environment, process.env);
  // Standard output holds the notifications and nothing else.
  const { LOG_LEVEL: level, LOG_FORMAT: format, ORDERS_QUEUE: queue } = config;
  const logger = createLogger({ service: "notifications_service", level, format, stream: process.stderr });
  process.stdout.on("error", (error) => {
    logger.error("standard output is closed: nobody would see the notifications", { reason: error.message });
    logger.on("finish", () => process.exit(1));
    logger.end();
  });

  const database = config.MONGODB_URI === undefined ? undefined : createDatabase(config.MONGODB_URI, logger);
  const inbox = database ? new MongoInbox(createInboxModel(database.connection), database) : new InMemoryInbox();
  const rabbit = createRabbit({
    url: config.RABBITMQ_URL,
    queue,
    logger,
    onMessage: (message, connection) => notifier.enqueue(message, connection),
  });
  const registry = createRegistry();
  const count = registerMessagesMetric(registry);
  const letterRabbit = createDeadLetterRabbit({ url: config.RABBITMQ_URL, queue, logger });
  const deadLetters = new DeadLetters({
    publisher: new Publisher(letterRabbit),
    queue: deadLetterQueue(queue),
    logger,
    maxWaiting: prefetch / 2,
    onDelivered: () => count("dead_lettered", 1),
  });
  const notifier = new Notifier({ inbox, deadLetters, logger, write: writeToStandardOutput, count });
  const dependencies = [
    { name: "rabbitmq", critical: true, isUp: () => rabbit.connection !== undefined, reason: () => rabbit.reason },
    {
      name: "dead_letters",
      critical: true,
      isUp: () => deadLetters.error === undefined,
      reason: () => deadLetters.error,
    },
    ...(database ? [{ name: "mongodb", critical: true, isUp: () => database.isUp() }] : []),
  ];
  const app = createHttpApp({ settings: config, logger, dependencies, registry });
  const server = await listen(app, config.PORT);
  database?.start();
  rabbit.start();
  letterRabbit.start();
  logger.info("listening", { port: config.PORT, inbox: database ? "durable" : "in this process" });

  stopOnSignal(logger, async () => {
    await stopServer(server);
    await notifier.stop();
    await Promise.all([rabbit.close(), letterRabbit.close()]);
    await database?.close();
  });
});
