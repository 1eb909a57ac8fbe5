import type { RequestHandler } from "express";

/** Keeps what users and orders are out of every cache. */
export const noStore: RequestHandler = (_req, res, next) => {
  res.set("Cache-Control", "no-store");
  next();
};
