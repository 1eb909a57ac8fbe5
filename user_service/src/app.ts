import { createHttpApp, type HttpSettings } from "@order-flow/common/http/app.js";
import { rateLimiter } from "@order-flow/common/http/rate_limit.js";
import type { Logger } from "@order-flow/common/logging/logger.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import { type Express, Router } from "express";
import { createUserModel } from "./models/user.js";
import { userRoutes } from "./routes/user_routes.js";
import type { PasswordHasher } from "./services/password_hasher.js";
import { UserService } from "./services/user_service.js";

interface UserAppOptions {
  readonly settings: HttpSettings;
  readonly logger: Logger;
  readonly database: Database;
  readonly hasher: PasswordHasher;
}

/** The HTTP application, on whatever it is given. */
export function createApp({ settings, logger, database, hasher }: UserAppOptions): Express {
  const users = new UserService(createUserModel(database.connection), database, hasher);
  return createHttpApp({
    settings,
    logger,
    dependencies: [{ name: "mongodb", critical: true, isUp: () => database.isUp() }],
    limits: creationLimit(settings.RATE_LIMIT_PER_MINUTE),
    routes: userRoutes(users),
    openApi: async () => (await import("./config/openapi.js")).userOpenApi(settings.API_KEY.length > 0),
  });
}

/** Creating a user costs a hash, so it has a tenth of what all calls together may make. */
function creationLimit(perMinute: number): Router {
  const router = Router();
  const limit = rateLimiter(Math.ceil(perMinute / 10));
  // Not `post`: a router with a route for one method answers OPTIONS by itself.
  router.all("/users", (req, res, next) => (req.method === "POST" ? limit(req, res, next) : next()));
  return router;
}
