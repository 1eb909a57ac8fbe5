import { createLogger as createWinston, format, type Logger } from "winston";
import { activeTraceId } from "../tracing/spans.js";
import { lineText, TurnTransport } from "./turn_transport.js";

export type { Logger };

interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** `auto`: pretty on a terminal, else json. */
  readonly format: "pretty" | "json" | "auto";
  /** Default: standard output. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * A winston logger that writes one line an entry: JSON, or for people. No entry can forge another. A line that can't be
 * written, as on a full disk, is lost and no more than that.
 */
export function createLogger({ service, level, format: style, stream = process.stdout }: LoggerOptions): Logger {
  if (!stream.listeners("error").includes(loseLine)) stream.on("error", loseLine);
  const pretty = style === "pretty" || (style === "auto" && stream.isTTY);
  return createWinston({
    level,
    defaultMeta: { service },
    format: format.combine(
      format.timestamp(),
      ownFields(),
      pretty ? format.printf(prettyLine) : format.json(),
      oneLine(),
    ),
    transports: [new TurnTransport(stream)],
  });
}

/** There is nowhere to tell it; without a listener the process would end. */
function loseLine(): void {}

/** Errors as plain fields: an `Error` has none of its own that JSON would show. And the trace that a line belongs to. */
const ownFields = format((info) => {
  const { error } = info;
  if (error instanceof Error) info["error"] = { name: error.name, message: error.message, stack: error.stack };
  info["trace_id"] ??= activeTraceId();
  return info;
});

export function prettyLine({
  timestamp,
  level,
  service,
  message,
  ...fields
}: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(fields).filter(([, value]) => value !== undefined);
  const shown = rest.map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(timestamp).slice(11, 23)} ${String(level).padEnd(5)} ${String(service)}: ${String(message)}${shown.join("")}`;
}

/** Escapes what a terminal or a log reader could take for a new line or a command. */
const oneLine = format((info) => {
  const text = String(info[lineText]);
  info[lineText] = text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return info;
});
