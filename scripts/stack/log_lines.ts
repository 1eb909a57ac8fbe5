import { prettyLine } from "@order-flow/common/logging/logger.js";
import { UserError } from "../runtime/user_error.js";
import { setting } from "./settings.js";
import { terminalText } from "./terminal_text.js";

interface LogEntry {
  readonly [field: string]: unknown;
  readonly level?: unknown;
  readonly order_id?: unknown;
  readonly request_id?: unknown;
  readonly timestamp?: unknown;
}

/** Lines of a service's log behind its name: on a terminal pretty ones; elsewhere, and with LOG_FORMAT=json, as logged. */
export async function* shownLines(lines: AsyncIterable<string>): AsyncIterable<string> {
  for await (const line of lines) yield shownLine(line, false);
}

export function shownLine(line: string, named = true): string {
  const style = setting("LOG_FORMAT") ?? (process.stdout.isTTY ? "pretty" : "json");
  const entry = style === "json" ? undefined : entryOf(line);
  const text = entry ? prettyLine(entry) : line;
  return terminalText(named ? text : text.replace(` ${entry?.["service"]}: `, " "));
}

/** The lines that tell of an order or of a request, by the id of either, in the order of time. */
export function linesAbout(id: string, lines: readonly string[]): readonly string[] {
  const entries = lines.flatMap((line) => {
    const { order_id, request_id, timestamp } = (line.includes("_id") && entryOf(line)) || {};
    return (order_id ?? request_id) ? [{ line, order_id, request_id, timestamp }] : [];
  });
  const named = entries.filter(({ order_id, request_id }) => order_id === id || request_id === id);
  // Of an order also its request's lines, and of a request its orders', but not other orders of the same request id.
  const requests = new Set(named.map(({ request_id }) => request_id));
  const orders = new Set(named.map(({ order_id }) => order_id));
  return inTimeOrder(
    entries.filter(({ order_id, request_id }) =>
      order_id === undefined ? requests.has(request_id) : orders.has(order_id),
    ),
  );
}

const levels = ["error", "warn", "info", "debug"];

/** The lines of that level and of more severe ones, in the order of time. */
export function linesOfLevel(level: string, lines: readonly string[]): readonly string[] {
  if (!levels.includes(level)) throw new UserError(`level must be one of ${levels.join(", ")}, and is "${level}"`);
  const shown = levels.slice(0, levels.indexOf(level) + 1);
  const entries = lines.map((line) => ({ line, ...entryOf(line) }));
  return inTimeOrder(entries.filter((entry) => shown.includes(String(entry.level))));
}

const inTimeOrder = (entries: readonly { readonly line: string; readonly timestamp?: unknown }[]): readonly string[] =>
  entries.toSorted((one, other) => (String(one.timestamp) < String(other.timestamp) ? -1 : 1)).map(({ line }) => line);

/** What a line of JSON says; undefined for what is none, as the notifications' output. */
function entryOf(line: string): LogEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "message" in entry ? { ...entry } : undefined;
  } catch {
    return undefined;
  }
}
