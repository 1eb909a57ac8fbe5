import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { runService, startService } from "@order-flow/common/process/lifecycle.js";
import { environment } from "./config/environment.js";
import { createOrdersService } from "./service.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environment, process.env);
  const logger = createLogger({ service: "orders_service", level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  await runService(createOrdersService(config, logger), config, logger);
});
