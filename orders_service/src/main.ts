import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { runService, startService } from "@order-flow/common/process/lifecycle.js";
import { environmentSpecs } from "./config/environment.js";
import { createOrdersService } from "./service.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environmentSpecs, process.env);
  const logger = createLogger("orders_service", config);
  await runService(createOrdersService(config, logger), config, logger);
});
