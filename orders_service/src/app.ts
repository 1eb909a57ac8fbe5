import { createHttpApp, type HttpSettings } from "@order-flow/common/http/app.js";
import { createRegistry } from "@order-flow/common/http/metrics.js";
import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import type { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import type { Express } from "express";
import { registerOutboxMetrics } from "./config/metrics.js";
import type { OrderModel } from "./models/order.js";
import { orderRoutes } from "./routes/orders.js";
import { OrderService } from "./services/order_service.js";
import type { Outbox } from "./services/outbox.js";

interface OrderAppOptions {
  readonly settings: HttpSettings;
  readonly logger: Logger;
  readonly database: Database;
  readonly rabbit: RabbitConnectionManager;
  readonly orders: OrderModel;
  readonly outbox: Outbox;
}

/** The HTTP application, on whatever it is given. */
export function createApp({ settings, logger, database, rabbit, orders, outbox }: OrderAppOptions): Express {
  const registry = createRegistry();
  registerOutboxMetrics(registry, outbox);
  return createHttpApp({
    settings,
    logger,
    registry,
    dependencies: [
      {
        name: "mongodb",
        critical: true,
        isUp: () => database.isUp(),
        details: () => ({ outbox: outbox.stats }),
      },
      // Orders are taken without it: they wait in the outbox.
      { name: "rabbitmq", critical: false, isUp: () => rabbit.connection !== undefined, reason: () => rabbit.reason },
    ],
    routes: orderRoutes(new OrderService(orders, database, outbox)),
    openApi: async () => (await import("./config/openapi.js")).orderOpenApi(settings.API_KEY.length > 0),
  });
}
