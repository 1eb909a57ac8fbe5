import type { Config } from "@order-flow/common/config/config.js";
import { createHttpApp } from "@order-flow/common/http/app.js";
import { databaseDependency } from "@order-flow/common/http/health.js";
import { batchBuckets, createRegistry, registerGauge, registerHistogram } from "@order-flow/common/http/metrics.js";
import { rateLimiter } from "@order-flow/common/http/middleware/rate_limit.js";
import type { Logger } from "@order-flow/common/logging/logger.js";
import { createDatabase } from "./config/database.js";
import type { environmentSpecs } from "./config/environment.js";
import { createUserModel } from "./models/user.js";
import { userRoutes } from "./routes/user_routes.js";
import { PasswordHasher } from "./services/password_hasher.js";
import { UserService } from "./services/user_service.js";

/** user_service with all its parts, for `main.ts` and for the tests. */
export function createUserService(config: Config<typeof environmentSpecs>, logger: Logger) {
  const database = createDatabase(config.MONGODB_URI, logger);
  const hasher = new PasswordHasher(config.BCRYPT_ROUNDS);
  // Calls that cost a hash get a tenth of the rate limit.
  const limitHashes = rateLimiter(Math.ceil(config.RATE_LIMIT_PER_MINUTE / 10));
  const registry = createRegistry();
  registerGauge(registry, "password_hashing_queue_length", "Passwords that wait to be hashed", () => hasher.waiting);
  const help = "Users that one query has asked for";
  const observeRead = registerHistogram(registry, "users_read_batch_size", help, batchBuckets);
  const users = new UserService(createUserModel(database.connection), database, hasher, observeRead);
  return {
    app: createHttpApp({
      settings: config,
      logger,
      registry,
      dependencies: [databaseDependency(database)],
      routes: userRoutes(users, limitHashes),
      openApi: async () => (await import("./config/openapi.js")).userOpenApi(config.API_KEY.length > 0),
    }),
    database,
    start: () => database.start(),
    stop: async () => {
      await hasher.close();
      await database.close();
    },
  };
}
