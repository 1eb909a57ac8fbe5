import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";

declare global {
  namespace Express {
    interface Locals {
      requestId: string;
      /** Set when the head of the response is written. */
      responseTimeMs?: number;
      /** Fields that a controller adds to the line of the access log. */
      logFields?: Readonly<Record<string, unknown>>;
    }
  }
}

export const requestIdPattern = "^[A-Za-z0-9._-]{1,128}$";

const acceptable = new RegExp(requestIdPattern);

/** Takes the client's `X-Request-Id`, or makes one where it has none or an unfit one, and sends it back. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.get("X-Request-Id");
  res.locals.requestId = given !== undefined && acceptable.test(given) ? given : randomUUID();
  res.set("X-Request-Id", res.locals.requestId);
  next();
};

export const requestIdOf = (res: Response): string => res.locals.requestId;
