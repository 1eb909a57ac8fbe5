import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import type { Logger } from "winston";
import { DatabaseUnavailableError } from "../../mongo/database_unavailable_error.js";
import { isObject } from "../../text/json.js";
import { bodyLimitBytes } from "../middleware/json_body.js";
import { Problem, problemDocument, problemMediaType, unavailable } from "./problem.js";

export const internalServerError = () =>
  new Problem(500, "Something went wrong here; the request id finds it in the log.");
export const badRequest = () => new Problem(400, "The request can't be read.");
export const contentTooLarge = () =>
  new Problem(413, `The body is larger than ${bodyLimitBytes.toLocaleString("en")} bytes.`);

export const notFoundHandler: RequestHandler = (_req, _res, next) => next(new Problem(404, "No such route."));

/** Answers 405 to every method that no handler before it has taken. */
export const allowOnly =
  (...allowed: readonly string[]): RequestHandler =>
  (req, _res, next) =>
    next(new Problem(405, `${req.method} is not allowed here.`, { headers: { Allow: allowed.join(", ") } }));

/** Turns whatever a handler throws into a problem document, without internals. */
export const errorHandler =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const problem = toProblem(error);
    if (problem.status === 500) logger.error("unexpected error", { error, request_id: res.locals.requestId });
    // Too late for a problem document: the response has begun.
    if (res.headersSent) return void res.destroy();
    const { headers = {} } = problem.extras;
    // `set` would parse the media type of each response.
    res.setHeader("Content-Type", `${problemMediaType}; charset=utf-8`);
    res
      .status(problem.status)
      .set({ ...headers, "Cache-Control": "no-store" })
      .json(problemDocument(problem, instanceUri(req), res.locals.requestId));
  };

/** The path of the request as a URI reference (RFC 9457, section 3.1.5): Node lets `<` and the like pass in it. */
const instanceUri = ({ originalUrl }: Request): string =>
  encodeURI(originalUrl.split("?", 1)[0] ?? "/").replaceAll(/%25(?=[0-9a-f]{2})/gi, "%");

/** Errors of body-parser and the router have a `status`, and those of body-parser a `type`. */
const knownDetails: Readonly<Record<string, string>> = {
  "entity.too.large": contentTooLarge().message,
  "encoding.unsupported": "The content encoding is not supported; send identity, gzip, deflate or br.",
  "request.aborted": "The request ended before its body did.",
  "request.size.invalid": "The body is not as long as Content-Length says.",
};

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseUnavailableError) return unavailable(error.message);
  // Mongoose's words would tell of the model.
  if (error instanceof Error && /^(ValidationError|CastError)$/.test(error.name))
    return new Problem(422, "A value of the request is not valid.");
  if (!isObject(error)) return internalServerError();
  const { status, type, errno } = error;
  if (typeof status !== "number" || status < 400 || status > 499) return internalServerError();
  // An error of node:zlib has a number and no type.
  const detail = typeof errno === "number" ? "The body can't be decompressed." : knownDetails[String(type)];
  return new Problem(status, detail ?? badRequest().message);
}
