import express, { type Express, type Router } from "express";
import type { Registry } from "prom-client";
import type { Logger } from "winston";
import type { HttpConfig } from "../config/variables.js";
import { errorHandler, notFoundHandler } from "./errors/errors.js";
import { useFastJson } from "./fast_path/json.js";
import { type Dependency, healthRoutes } from "./health.js";
import { metricsRoutes, registerDependencyMetrics, registerRequestHistogram } from "./metrics.js";
import { accessLog } from "./middleware/access_log.js";
import { endOfTurn, errorsAtEndOfTurn } from "./middleware/end_of_turn.js";
import { rateLimiter } from "./middleware/rate_limit.js";
import { requestId } from "./middleware/request_id.js";
import { responseTime } from "./middleware/response_time.js";
import { corsFor, limitUrlLength, requireApiKey, requireSingleHost, securityHeaders } from "./middleware/security.js";
import { traceRequest } from "./middleware/trace_request.js";
import { docsRoutes, type MakeDocument } from "./openapi/docs.js";

interface HttpAppOptions {
  readonly settings: HttpConfig;
  readonly logger: Logger;
  readonly dependencies: readonly Dependency[];
  readonly routes?: Router;
  /** Makes the OpenAPI document, when somebody asks for it. */
  readonly openApi?: MakeDocument;
  readonly registry: Registry;
}

/** The frame around a service's routes, in the order in which a request is checked. */
export function createHttpApp(options: HttpAppOptions): Express {
  const { settings, logger, dependencies, routes, openApi, registry } = options;
  registerDependencyMetrics(registry, dependencies);
  const app = express();
  useFastJson(app);
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", settings.TRUST_PROXY);

  // First what every response has, also one that is an error.
  app.use(requestId);
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) app.use(traceRequest);
  const observe = registerRequestHistogram(registry);
  app.use(
    responseTime((req, res, ms) => {
      observe(req, res, ms);
      // Otherwise a client keeps using its connection after the port was closed.
      if (app.locals["stopping"]) res.setHeader("Connection", "close");
    }),
  );
  app.use(accessLog(logger));
  app.use(securityHeaders());
  app.use(requireSingleHost);
  app.use(limitUrlLength);
  app.use(endOfTurn);
  if (settings.CORS_ORIGINS.length > 0) app.use(corsFor(settings.CORS_ORIGINS));
  // Before rate limit and key: probes have no key, and must not be limited.
  app.use(healthRoutes(dependencies));
  if (settings.RATE_LIMIT_PER_MINUTE > 0) app.use(rateLimiter(settings.RATE_LIMIT_PER_MINUTE));
  if (openApi) app.use(docsRoutes(openApi));
  if (settings.METRICS === "open") app.use(metricsRoutes(registry));
  if (settings.API_KEY.length > 0) app.use(requireApiKey(settings.API_KEY));
  if (settings.METRICS === "closed") app.use(metricsRoutes(registry));
  if (routes) app.use(routes);
  app.use(notFoundHandler);
  app.use(errorsAtEndOfTurn);
  app.use(errorHandler(logger));
  return app;
}
