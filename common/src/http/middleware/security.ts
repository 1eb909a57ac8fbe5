import { createHash, timingSafeEqual } from "node:crypto";
import cors from "cors";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { Problem } from "../errors/problem.js";

const denyAll = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };

/** helmet's headers, with a policy that lets nothing be loaded: a response is no page. */
export const securityHeaders = (): RequestHandler =>
  helmet({ contentSecurityPolicy: { useDefaults: false, directives: denyAll } });

/** The policy of the one page that there is: Swagger UI works, and loads nothing from elsewhere. */
export const documentationPolicy = (): RequestHandler =>
  helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      ...denyAll,
      scriptSrc: ["'self'"],
      // swagger-ui-express writes style elements and attributes into the page.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
    },
  });

/** Lets browsers on the given origins call the API, with the methods that there are. */
export const corsFor = (origins: readonly string[]): RequestHandler =>
  cors({
    origin: [...origins],
    methods: "GET,HEAD,POST,PUT,PATCH,DELETE",
    exposedHeaders:
      "ETag,Location,Idempotency-Replayed,Retry-After,RateLimit,RateLimit-Policy,X-Request-Id,X-Response-Time",
  });

/** HTTP/1.1 needs exactly one Host (RFC 9112, section 3.2); probes that speak HTTP/1.0 send none. */
export const requireSingleHost: RequestHandler = (req, _res, next) => {
  let hosts = 0;
  for (let i = 0; i < req.rawHeaders.length; i += 2) if (req.rawHeaders[i]?.toLowerCase() === "host") hosts += 1;
  if (hosts > 1 || (hosts === 0 && req.httpVersion !== "1.0"))
    throw new Problem(400, "A request must have exactly one Host header.");
  next();
};

/** The least that a server should take (RFC 9110, section 4.1); Node itself refuses a head of over 16 KiB, with 431. */
const maxUrlLength = 8_000;

export const uriTooLong = () => new Problem(414, `The path and query are longer than ${maxUrlLength} bytes.`);

/** Refuses a request whose target (path and query) is longer than any of ours. */
export const limitUrlLength: RequestHandler = (req, _res, next) => {
  if (req.originalUrl.length > maxUrlLength) throw uriTooLong();
  next();
};

export const unauthorized = () =>
  new Problem(401, "Send an API key as Authorization: Bearer <key>.", { headers: { "WWW-Authenticate": "Bearer" } });

/** Wants `Authorization: Bearer <one of keys>`. */
export function requireApiKey(keys: readonly string[]): RequestHandler {
  const digests = keys.map(digest);
  return (req, _res, next) => {
    const given = digest(/^Bearer +(\S+)$/i.exec(req.get("Authorization") ?? "")?.[1] ?? "");
    // Digests are of one length, and all are compared, so that the time says nothing of the keys.
    const matches = digests.map((known) => timingSafeEqual(known, given));
    if (!matches.includes(true)) throw unauthorized();
    next();
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
