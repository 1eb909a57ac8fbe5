import type { RequestHandler, Response } from "express";
import { failSpan, startSpan, type Traceparent, traceparentOf } from "../../tracing/spans.js";
import { requestIdOf } from "./request_id.js";

declare global {
  namespace Express {
    interface Locals {
      /** The request's span, where requests are traced. */
      traceparent?: Traceparent;
    }
  }
}

export const requestSpanOf = (res: Response): Traceparent => res.locals.traceparent;

const untraced = /^\/(health|ready|metrics)\/?$/i;

/** A span for each request but probes. Paths, queries and addresses stay out: they may be personal data. */
export const traceRequest: RequestHandler = (req, res, next) => {
  if (untraced.test(req.path)) return next();
  const { method, protocol } = req;
  const attributes = {
    "http.request.method": method,
    "url.scheme": protocol,
    "network.protocol.version": req.httpVersion,
    "http.response.header.x-request-id": [requestIdOf(res)],
  };
  const span = startSpan(method, { kind: "SERVER", parent: req.get("traceparent"), attributes });
  res.locals.traceparent = traceparentOf(span);
  res.once("close", () => {
    const route: unknown = req.route?.path;
    if (typeof route === "string") span.updateName(`${method} ${route}`).setAttribute("http.route", route);
    if (res.headersSent) span.setAttribute("http.response.status_code", res.statusCode);
    if (res.statusCode >= 500) failSpan(span, `${res.statusCode}`);
    span.end();
  });
  next();
};
