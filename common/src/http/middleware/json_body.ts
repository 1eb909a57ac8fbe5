import { isUtf8 } from "node:buffer";
import { MIMEType } from "node:util";
import express, { type RequestHandler } from "express";
import { parseJson, RepeatedNameError } from "../../text/json.js";
import { Problem } from "../errors/problem.js";
import { endOfTurn } from "./end_of_turn.js";

/** The largest body that is read, in bytes, after decompression. */
export const bodyLimitBytes = 102_400;

export const unsupportedMediaType = () =>
  new Problem(415, "The body must be JSON in UTF-8, sent with Content-Type: application/json.");

const requireJson: RequestHandler = (req, _res, next) => {
  if (!isJson(req.get("Content-Type"))) throw unsupportedMediaType();
  // Another name for gzip (RFC 9110, section 8.4.1.3), which body-parser does not know.
  if (/^x-gzip$/i.test(req.get("Content-Encoding") ?? "")) req.headers["content-encoding"] = "gzip";
  next();
};

// Not `express.json`: it takes an empty body for `{}` and broken bytes for U+FFFD, and members that come twice.
const readBytes = express.raw({ limit: bodyLimitBytes, type: () => true });

/** Leaves a byte order mark out, which RFC 8259 (8.1) lets a reader ignore. */
const decoder = new TextDecoder();

const parse: RequestHandler = (req, _res, next) => {
  const bytes: unknown = req.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw new Problem(400, "The body is empty; send a JSON object.");
  if (!isUtf8(bytes)) throw new Problem(400, "The body is not valid UTF-8.");
  try {
    req.body = parseJson(decoder.decode(bytes));
  } catch (error) {
    const repeated = error instanceof RepeatedNameError;
    throw new Problem(400, repeated ? "An object in the body has a member twice." : "The body is not valid JSON.");
  }
  next();
};

/** Reads a body, which may be any JSON value, into `req.body`. */
export const jsonBody: RequestHandler[] = [requireJson, readBytes, endOfTurn, parse];

function isJson(contentType: string | undefined): boolean {
  try {
    const type = new MIMEType(contentType ?? "");
    return type.essence === "application/json" && /^utf-?8$/i.test(type.params.get("charset") ?? "utf-8");
  } catch {
    return false;
  }
}
