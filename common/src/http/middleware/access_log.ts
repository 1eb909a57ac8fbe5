import type { Request, RequestHandler, Response } from "express";
import morgan from "morgan";
import type { Logger } from "winston";
import { clientIp } from "./client_address.js";

/** Asked every few seconds, they would fill the log. */
const probes: readonly (string | undefined)[] = ["/health", "/ready", "/metrics"];

/** One log line for each finished (or abandoned) request. */
export const accessLog = (logger: Logger): RequestHandler =>
  morgan<Request, Response>((_tokens, req, res) => {
    // Without the query, where a client may have put its key.
    const path = req.originalUrl.split("?", 1)[0];
    logger.log(probes.includes(path) ? "debug" : "info", "request", {
      method: req.method,
      path,
      status: res.headersSent ? res.statusCode : undefined,
      response_time_ms: res.locals.responseTimeMs,
      remote_address: clientIp(req),
      request_id: res.locals.requestId,
      ...res.locals.logFields,
    });
    // Nothing for morgan to write itself: the line went to winston, with its fields.
    return undefined;
  });
