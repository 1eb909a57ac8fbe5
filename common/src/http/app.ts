import express, { type Express, type Router } from "express";
import type { Registry } from "prom-client";
import type { Logger } from "winston";
import { accessLog } from "./access_log.js";
import { clientAddress } from "./client_address.js";
import { docsRoutes } from "./docs.js";
import { answerErrors, unknownRoute } from "./errors.js";
import { type Dependency, healthRoutes } from "./health.js";
import { createRegistry, measureDependencies, measureRequests, metricsRoutes } from "./metrics.js";
import { limitRate } from "./rate_limit.js";
import { requestId } from "./request_id.js";
import { responseTime } from "./response_time.js";
import { crossOrigin, oneHost, requireApiKey, securityHeaders, shortTarget } from "./security.js";

/** The settings of the frame; `readConfig` with `httpVariables` gives them. */
export interface HttpSettings {
  readonly API_KEY: readonly string[];
  readonly RATE_LIMIT_PER_MINUTE: number;
  readonly TRUST_PROXY: number;
  readonly CORS_ORIGINS: readonly string[];
  readonly METRICS: "closed" | "open";
}

interface HttpAppOptions {
  readonly settings: HttpSettings;
  readonly logger: Logger;
  readonly dependencies: readonly Dependency[];
  /** Limits on single calls, beside the one on all of them. */
  readonly limits?: Router;
  /** The service's own paths. */
  readonly routes?: Router;
  /** Makes the OpenAPI document, when somebody asks for it. */
  readonly openApi?: () => Promise<object>;
  /** Where the service has metrics of its own; a new one if left out. */
  readonly registry?: Registry;
}

/** The frame around a service's routes, in the order in which a request is checked. */
export function createHttpApp(options: HttpAppOptions): Express {
  const { settings, logger, dependencies, limits, routes, openApi, registry = createRegistry() } = options;
  measureDependencies(registry, dependencies);
  const metrics = metricsRoutes(registry);
  const apiKey = requireApiKey(settings.API_KEY);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", settings.TRUST_PROXY);
  app.use(
    ...[requestId, clientAddress, responseTime(measureRequests(registry)), accessLog(logger), securityHeaders()],
    ...[oneHost, shortTarget, ...crossOrigin(settings.CORS_ORIGINS)],
    healthRoutes(dependencies),
    ...limitRate(settings.RATE_LIMIT_PER_MINUTE),
    ...(limits ? [limits] : []),
    ...(openApi ? [docsRoutes(openApi)] : []),
    ...(settings.METRICS === "open" ? [metrics, ...apiKey] : [...apiKey, metrics]),
    ...(routes ? [routes] : []),
    ...[unknownRoute, answerErrors(logger)],
  );
  return app;
}
