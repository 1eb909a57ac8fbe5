import { isUtf8 } from "node:buffer";
import { MIMEType } from "node:util";
import express, { type RequestHandler } from "express";
import { Problem } from "./problem.js";

/** The largest body that is read, in bytes, after decompression. */
export const bodyLimitBytes = 102_400;

const emptyBody = (): Problem => new Problem(400, "The body is empty; send a JSON object.");

const requireJson: RequestHandler = (req, _res, next) => {
  if (!isJson(req.get("Content-Type")))
    throw new Problem(415, "The body must be JSON in UTF-8, sent with Content-Type: application/json.");
  next();
};

const emptyBody = () => new Problem(400, "The body is empty; send a JSON object.");

const parseJson = express.json({
  limit: bodyLimitBytes,
  type: () => true,
  // A number, say, is JSON too: what a body must be is for the rules to say.
  strict: false,
  verify: (_req, _res, buffer) => {
    // The parser would take it for `{}`.
    if (buffer.length === 0) throw emptyBody();
    // Decoding would replace broken bytes by U+FFFD and go on.
    if (!isUtf8(buffer)) throw new Problem(400, "The body is not valid UTF-8.");
  },
});

/** Without Content-Length there is no body to verify. */
const requireBody: RequestHandler = (req, _res, next) => {
  if (req.body === undefined) throw emptyBody();
  next();
};

/** Reads a JSON body, of whatever type, into `req.body`. */
export const jsonBody: RequestHandler[] = [requireJson, parseJson, requireBody];

function isJson(contentType: string | undefined): boolean {
  try {
    const type = new MIMEType(contentType ?? "");
    return type.essence === "application/json" && /^utf-8$/i.test(type.params.get("charset") ?? "utf-8");
  } catch {
    return false;
  }
}
