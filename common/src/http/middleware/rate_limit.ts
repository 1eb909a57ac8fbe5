import type { RequestHandler } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { Problem } from "../errors/problem.js";
import { clientIp } from "./client_address.js";

export const tooManyRequests = (perMinute: number) =>
  new Problem(429, `At most ${perMinute} requests a minute are allowed.`);

/** Lets each address (of IPv6: each network of 56 bits) make `perMinute` requests a minute; 0 is no limit. */
export const rateLimiter = (perMinute: number): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    skip: () => perMinute === 0,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    // The library would print to the console when a client sends X-Forwarded-For that we do not trust.
    validate: false,
    keyGenerator: (req) => ipKeyGenerator(clientIp(req)),
    handler: (_req, _res, next) => next(tooManyRequests(perMinute)),
  });
