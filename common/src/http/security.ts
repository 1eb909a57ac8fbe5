import { createHash, timingSafeEqual } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import cors from "cors";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { Problem } from "./problem.js";

const nothing = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };

/**
 * helmet's headers. The policy lets nothing be loaded: an answer is no page. They are the same on all answers, so helmet
 * says them once, to nobody, and each answer gets a copy.
 */
export function securityHeaders(): RequestHandler {
  const headers = new Map<string, string>();
  const nobody = new ServerResponse(new IncomingMessage(new Socket()));
  nobody.setHeader = (name, value) => {
    headers.set(name, String(value));
    return nobody;
  };
  helmet({ contentSecurityPolicy: { useDefaults: false, directives: nothing } })(nobody.req, nobody, () => {});
  return (_req, res, next) => {
    res.setHeaders(headers);
    next();
  };
}

/** The policy of the one page that there is: Swagger UI works, and loads nothing from elsewhere. */
export const documentationPolicy = (): RequestHandler =>
  helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      ...nothing,
      scriptSrc: ["'self'"],
      // swagger-ui-express writes style elements and attributes into the page.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
    },
  });

/** Lets browsers on the given origins call the API; with none there are no CORS headers at all. */
export const crossOrigin = (origins: readonly string[]): RequestHandler[] =>
  origins.length === 0
    ? []
    : [
        cors({
          origin: [...origins],
          exposedHeaders: [
            "ETag",
            "Location",
            "Idempotency-Replayed",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "X-Request-Id",
            "X-Response-Time",
          ],
        }),
      ];

/** Refuses a request without exactly one Host (RFC 9112, section 3.2); Node is told to leave that to us. */
export const oneHost: RequestHandler = (req, _res, next) => {
  let hosts = 0;
  for (let i = 0; i < req.rawHeaders.length; i += 2) if (req.rawHeaders[i]?.toLowerCase() === "host") hosts += 1;
  if (hosts !== 1) throw new Problem(400, "A request must have exactly one Host header.");
  next();
};

/** What a server should at least take (RFC 9110, section 4.1); Node itself refuses a head of over 16 KiB, with 431. */
const longestTarget = 8_000;

/** Refuses a request whose target (path and query) is longer than any of ours. */
export const shortTarget: RequestHandler = (req, _res, next) => {
  if (req.originalUrl.length > longestTarget)
    throw new Problem(414, `The path and query are longer than ${longestTarget} bytes.`);
  next();
};

/** Wants `Authorization: Bearer <one of keys>`; with no keys everybody may call. */
export function requireApiKey(keys: readonly string[]): RequestHandler[] {
  if (keys.length === 0) return [];
  const digests = keys.map(digest);
  return [
    (req, _res, next) => {
      const given = digest(/^Bearer +(\S+)$/i.exec(req.get("Authorization") ?? "")?.[1] ?? "");
      // Digests are of one length, and all are compared, so that the time says nothing of the keys.
      const matches = digests.map((known) => timingSafeEqual(known, given));
      if (!matches.includes(true))
        throw new Problem(401, "Send an API key as Authorization: Bearer <key>.", {
          headers: { "WWW-Authenticate": "Bearer" },
        });
      next();
    },
  ];
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
