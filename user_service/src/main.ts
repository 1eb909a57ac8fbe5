import { fileURLToPath } from "node:url";
import { loadEnvFiles, readConfig } from "@order-flow/common/config/config.js";
import { listen, stopServer } from "@order-flow/common/http/server.js";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { startService, stopOnSignal } from "@order-flow/common/process/lifecycle.js";
import { createApp } from "./app.js";
import { createDatabase } from "./config/database.js";
import { environment } from "./config/environment.js";
import { PasswordHasher } from "./services/password_hasher.js";

await startService(async () => {
  loadEnvFiles(fileURLToPath(new URL("..", import.meta.url)));
  const config = readConfig(environment, process.env);
  const logger = createLogger({ service: "user_service", level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const database = createDatabase(config.MONGODB_URI, logger);
  const hasher = new PasswordHasher(config.BCRYPT_ROUNDS);
  const server = await listen(createApp({ settings: config, logger, database, hasher }), config.PORT);
  database.start();
  logger.info("listening", { port: config.PORT });

  stopOnSignal(logger, async () => {
    await stopServer(server);
    await hasher.close();
    await database.close();
  });
});
