import type { Config } from "@order-flow/common/config/config.js";
import { createHttpApp } from "@order-flow/common/http/app.js";
import { databaseDependency, rabbitDependency } from "@order-flow/common/http/health.js";
import { createRegistry } from "@order-flow/common/http/metrics.js";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { registerConnectionMetrics } from "@order-flow/common/rabbitmq/metrics.js";
import { Publisher } from "@order-flow/common/rabbitmq/publisher.js";
import { createDatabase } from "./config/database.js";
import type { environmentSpecs } from "./config/environment.js";
import { orderHistograms, registerOutboxMetrics } from "./config/metrics.js";
import { createRabbit } from "./config/rabbit.js";
import { createOrderModel } from "./models/order.js";
import { orderRoutes } from "./routes/orders.js";
import { OrderService } from "./services/order_service.js";
import { Outbox } from "./services/outbox.js";
import { OutboxMonitor } from "./services/outbox_monitor.js";
import { OutboxStore } from "./services/outbox_store.js";

/** orders_service with all its parts, for `main.ts` and for the tests. */
export function createOrdersService(config: Config<typeof environmentSpecs>, logger: Logger) {
  const database = createDatabase(config.MONGODB_URI, logger);
  const { ORDERS_QUEUE: queue, ORDERS_EXCHANGE: exchange } = config;
  const rabbit = createRabbit(config.RABBITMQ_URL, queue, logger, exchange);
  const orders = createOrderModel(database.connection);
  const registry = createRegistry();
  const { observeInsert, observeConfirm } = orderHistograms(registry);
  const publisher = new Publisher(rabbit);
  const store = new OutboxStore(orders, database);
  const outbox = new Outbox({ store, publisher, queue, exchange, logger, observeConfirm });
  const monitor = new OutboxMonitor(store, outbox, logger);
  registerOutboxMetrics(registry, monitor);
  registerConnectionMetrics(registry, { orders: rabbit });
  return {
    app: createHttpApp({
      settings: config,
      logger,
      registry,
      dependencies: [
        { ...databaseDependency(database), details: () => ({ outbox: monitor.stats }) },
        // Orders are taken without it: they wait in the outbox.
        rabbitDependency(rabbit, { critical: false }),
      ],
      routes: orderRoutes(new OrderService(orders, database, outbox, observeInsert)),
      openApi: async () => (await import("./config/openapi.js")).orderOpenApi(config.API_KEY.length > 0),
    }),
    database,
    rabbit,
    outbox,
    start: () => {
      database.start();
      rabbit.start();
      outbox.start();
      monitor.start();
    },
    stop: async () => {
      await Promise.all([outbox.stop(), monitor.stop()]);
      await rabbit.close();
      await database.close();
    },
  };
}
