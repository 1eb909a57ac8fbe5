import type { RequestHandler } from "express";
import { endSpan, remoteSpan, startSpan, withSpan } from "../../tracing/spans.js";
import { isProbe } from "./access_log.js";

/** A span for each request but probes. Paths, queries and addresses stay out: they may be personal data. */
export const traceRequest: RequestHandler = (req, res, next) => {
  if (isProbe(req.path)) return next();
  const { method, protocol } = req;
  const ids = { "http.response.header.x-request-id": [res.locals.requestId] };
  const attributes = { "http.request.method": method, "url.scheme": protocol, ...ids };
  const span = startSpan(method, { kind: "SERVER", parent: remoteSpan(req.headers), attributes });
  res.once("close", () => {
    const route: unknown = req.route?.path;
    if (typeof route === "string") span.updateName(`${method} ${route}`).setAttribute("http.route", route);
    if (res.headersSent) span.setAttribute("http.response.status_code", res.statusCode);
    endSpan(span, res.statusCode >= 500 ? `${res.statusCode}` : undefined);
  });
  withSpan(span, next);
};
