import { prettyLine } from "@order-flow/common/logging/logger.js";
import { setting } from "./settings.js";
import { terminalText } from "./terminal_text.js";

/**
 * Lines of a service's log as they are shown: on a terminal pretty ones, without health probes; elsewhere, and
 * with LOG_FORMAT=json, as they stand in the log.
 */
export async function* shownLines(lines: AsyncIterable<string>): AsyncIterable<string> {
  const pretty = process.stdout.isTTY && setting("LOG_FORMAT") !== "json";
  for await (const line of lines) {
    const entry = pretty ? entryOf(line) : undefined;
    if (entry && isProbe(entry)) continue;
    yield terminalText(entry ? prettyLine(entry) : line);
  }
}

/** What a line of JSON says; undefined for what is none, as the notifications' output. */
function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "message" in entry ? { ...entry } : undefined;
  } catch {
    return undefined;
  }
}

const isProbe = ({ message, path }: Readonly<Record<string, unknown>>): boolean =>
  message === "request" && (path === "/ready" || path === "/health");
