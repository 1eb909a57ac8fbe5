import type { Request, RequestHandler, Response } from "express";
import morgan from "morgan";
import type { Logger } from "winston";
import { clientIp } from "./client_address.js";

/** One log line for each finished (or abandoned) request. */
export const accessLog = (logger: Logger): RequestHandler =>
  morgan<Request, Response>((_tokens, req, res) => {
    logger.info("request", {
      method: req.method,
      // Without the query, where a client may have put its key.
      path: req.originalUrl.split("?", 1)[0],
      status: res.headersSent ? res.statusCode : undefined,
      response_time_ms: res.locals.responseTimeMs,
      remote_address: clientIp(req),
      request_id: res.locals.requestId,
    });
    // Nothing for morgan to write itself: the line went to winston, with its fields.
    return undefined;
  });
