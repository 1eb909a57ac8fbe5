import type { RequestHandler } from "express";
import onHeaders from "on-headers";

/** Measures from here to the head of the response and sends it as `X-Response-Time`; the access log has the figure too. */
export const responseTime: RequestHandler = (_req, res, next) => {
  const start = performance.now();
  onHeaders(res, () => {
    const elapsed = performance.now() - start;
    res.locals.responseTimeMs = Math.round(elapsed * 10) / 10;
    res.setHeader("X-Response-Time", `${elapsed.toFixed(1)}ms`);
  });
  next();
};
