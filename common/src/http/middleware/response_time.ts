import type { Request, RequestHandler, Response } from "express";
import onHeaders from "on-headers";

/** Called as the head of a response is written, with the milliseconds that it took. */
export type ObserveResponse = (req: Request, res: Response, ms: number) => void;

/** Measures from here to the head of the response, for `X-Response-Time`, the access log and `observe`. */
export const responseTime =
  (observe: ObserveResponse): RequestHandler =>
  (req, res, next) => {
    const start = performance.now();
    onHeaders(res, () => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      res.locals.responseTimeMs = ms;
      res.setHeader("X-Response-Time", `${ms.toFixed(1)}ms`);
      observe(req, res, ms);
    });
    next();
  };
