import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { exitWhenWritten, runService, startService } from "@order-flow/common/process/lifecycle.js";
import { environmentSpecs } from "./config/environment.js";
import { createNotificationsService } from "./service.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environmentSpecs, process.env);
  // Standard output holds the notifications and nothing else.
  const logger = createLogger("notifications_service", config, process.stderr);
  process.stdout.on("error", (error) => {
    logger.error("standard output can't be written: nobody would see the lines", { reason: error.message });
    exitWhenWritten(logger, 1);
  });
  await runService(createNotificationsService(config, logger), config, logger);
});
