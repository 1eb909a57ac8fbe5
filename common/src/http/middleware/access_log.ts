import type { Request, RequestHandler, Response } from "express";
import morgan from "morgan";
import type { Logger } from "winston";
import { clientIp } from "./client_address.js";

/** Probes and scrapes come every few seconds, and would fill logs and traces. */
export const isProbe = (path: string): boolean => /^\/(health|ready|metrics)\/?$/i.test(path);

/** One log line for each finished (or abandoned) request. */
export function accessLog(logger: Logger): RequestHandler {
  const write = (_tokens: unknown, req: Request, res: Response) => {
    const path = pathOf(req);
    logger.log(isProbe(path) ? "debug" : "info", "request", {
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
  };
  const log = morgan<Request, Response>(write);
  // winston would build the text of the line before it looks at the level.
  return (req, res, next) => (isProbe(pathOf(req)) && !logger.isLevelEnabled("debug") ? next() : log(req, res, next));
}

/** Without the query, where a client may have put its key. */
const pathOf = ({ originalUrl }: Request): string => originalUrl.split("?", 1)[0] ?? "";
