import type { Request, Response } from "express";
import { type Problem, problemDocument, problemMediaType } from "./problem.js";

/**
 * Answers with `body` as JSON. Express's `res.json` comes to the same bytes in twice the time: it makes the media type
 * anew each time and compares the answer with a copy of the client's that it could only have by an ETag.
 */
export function sendJson(res: Response, body: unknown): void {
  send(res, "application/json; charset=utf-8", JSON.stringify(body));
}

/** Answers with the problem document (RFC 9457) of `problem`, and its headers. */
export function sendProblem(
  req: Request,
  res: Response,
  problem: Pick<Problem, "status" | "message" | "extras">,
): void {
  res
    .status(problem.status)
    .set(problem.extras.headers ?? {})
    .setHeader("Cache-Control", "no-store");
  send(res, problemType, JSON.stringify(problemDocument(problem, instanceOf(req), res.locals.requestId)));
}

const problemType = `${problemMediaType}; charset=utf-8`;

function send(res: Response, type: string, text: string): void {
  res.setHeader("Content-Type", type);
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.end(text);
}

/** The path that was asked for, as a URI reference (RFC 9457, section 3.1.5): Node lets `<` and the like pass in it. */
const instanceOf = ({ originalUrl }: Request): string =>
  encodeURI(originalUrl.split("?", 1)[0] ?? "/").replaceAll(/%25(?=[0-9a-f]{2})/gi, "%");
