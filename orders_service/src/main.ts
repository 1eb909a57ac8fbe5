import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { listen, stopServer } from "@order-flow/common/http/server.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { startService, stopOnSignal } from "@order-flow/common/process/lifecycle.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { createApp } from "./app.js";
import { createDatabase } from "./config/database.js";
import { environment } from "./config/environment.js";
import { createRabbit } from "./config/rabbit.js";
import { createOrderModel } from "./models/order.js";
import { Outbox } from "./services/outbox.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environment, process.env);
  const logger = createLogger({ service: "orders_service", level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const database = createDatabase(config.MONGODB_URI, logger);
  const rabbit = createRabbit(config.RABBITMQ_URL, config.ORDERS_QUEUE, logger);
  const orders = createOrderModel(database.connection);
  const publisher = new Publisher(rabbit);
  const outbox = new Outbox({ orders, database, publisher, queue: config.ORDERS_QUEUE, logger });
  const app = createApp({ settings: config, logger, database, rabbit, orders, outbox });
  const server = await listen(app, config.PORT);
  rabbit.on("state", (state) => state === "connected" && outbox.sweepNow());
  database.start();
  rabbit.start();
  outbox.start();
  logger.info("listening", { port: config.PORT });

  stopOnSignal(logger, async () => {
    await stopServer(server);
    await outbox.stop();
    await rabbit.close();
    await database.close();
  });
});
