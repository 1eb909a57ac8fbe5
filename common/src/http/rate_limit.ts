import type { Request, RequestHandler, Response } from "express";
import { type AugmentedRequest, ipKeyGenerator, rateLimit } from "express-rate-limit";
import { clientAddressOf } from "./client_address.js";
import { Problem } from "./problem.js";

const windowSeconds = 60;

/** Lets each address (of IPv6: each network of 56 bits) make `perMinute` requests a minute; 0 is no limit. */
export function limitRate(perMinute: number): RequestHandler[] {
  if (perMinute === 0) return [];
  const name = `"${perMinute}-in-1min"`;
  const policy = `${name}; q=${perMinute}; w=${windowSeconds}`;
  /**
   * Says what is left, and returns in how many seconds there will be more (draft-ietf-httpapi-ratelimit-headers-08). The
   * library would add a partition key, a SHA-256 for each request, that no client needs.
   */
  const tell = (req: Request, res: Response): number => {
    const { remaining, reset } = left(req);
    res.append("RateLimit-Policy", policy).append("RateLimit", `${name}; r=${remaining}; t=${reset}`);
    return reset;
  };
  return [
    rateLimit({
      windowMs: windowSeconds * 1_000,
      limit: perMinute,
      standardHeaders: false,
      legacyHeaders: false,
      // Its checks would print to the console when a client sends X-Forwarded-For that we do not trust.
      validate: false,
      keyGenerator: (_req, res) => ipKeyGenerator(clientAddressOf(res)),
      handler: (req, res, next) => {
        const headers = { "Retry-After": String(tell(req, res)) };
        next(new Problem(429, `At most ${perMinute} requests a minute are allowed.`, { headers }));
      },
    }),
    (req, res, next) => {
      tell(req, res);
      next();
    },
  ];
}

const isCounted = (req: Request): req is AugmentedRequest => "rateLimit" in req;

function left(req: Request): { readonly remaining: number; readonly reset: number } {
  const info = isCounted(req) ? req["rateLimit"] : undefined;
  const ms = (info?.resetTime?.getTime() ?? 0) - Date.now();
  return { remaining: info?.remaining ?? 0, reset: Math.max(0, Math.ceil(ms / 1_000)) };
}
