import { inspect } from "node:util";
import { createLogger as createWinston, format, type Logger } from "winston";
import type { HttpConfig } from "../config/variables.js";
import { activeTraceId } from "../tracing/spans.js";
import { BatchTransport, MESSAGE } from "./batch_transport.js";

export type { Logger };

/** A winston logger that writes one line an entry, as JSON or for people. No entry can forge another. */
export function createLogger(
  service: string,
  { LOG_LEVEL, LOG_FORMAT }: Pick<HttpConfig, "LOG_LEVEL" | "LOG_FORMAT">,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean } = process.stdout,
): Logger {
  // A line that can't be written, as on a full disk, is lost; without a listener the process would end.
  stream.on("error", () => {});
  const isPretty = LOG_FORMAT === "pretty" || (LOG_FORMAT === "auto" && stream.isTTY);
  // winston's `json` would configure its writer for each line, and sort the members.
  const line = format.printf(withAnyField(isPretty ? prettyLine : (info) => JSON.stringify(info)));
  return createWinston({
    level: LOG_LEVEL,
    defaultMeta: { service },
    format: format.combine(format.timestamp(), ownFields(), line, oneLine()),
    transports: [new BatchTransport(stream)],
  });
}

/** Errors as plain fields, and the trace that a line belongs to. */
const ownFields = format((info) => {
  if ("error" in info) info["error"] = describe(info["error"]);
  info["trace_id"] ??= activeTraceId();
  return info;
});

/** Any thrown value, as something that JSON can hold: a crash must not be hidden by its own log line. */
function describe(thrown: unknown): unknown {
  try {
    if (!(thrown instanceof Error)) return typeof thrown === "string" ? thrown : inspect(thrown);
    return { name: String(thrown.name), message: String(thrown.message), stack: String(thrown.stack) };
  } catch {
    return "something that can't be inspected";
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** A field that JSON can't hold, such as a BigInt or a cycle, must not cost the line. */
const withAnyField = (toLine: (fields: Fields) => string) => (fields: Fields) => {
  try {
    return toLine(fields);
  } catch {
    const plain = (value: unknown) => (/object|bigint/.test(typeof value) ? describe(value) : value);
    return toLine(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])));
  }
};

export function prettyLine({ timestamp, level, service, message, ...fields }: Fields): string {
  const rest = Object.entries(fields).filter(([, value]) => value !== undefined);
  const shown = rest.map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(timestamp).slice(11, 23)} ${String(level).padEnd(5)} ${String(service)}: ${String(message)}${shown.join("")}`;
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Escapes what a terminal or a log reader could take for a new line or a command. */
const oneLine = format((info) => {
  info[MESSAGE] = String(info[MESSAGE]).replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped);
  return info;
});
