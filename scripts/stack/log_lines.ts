import { prettyLine } from "@order-flow/common/logging/logger.js";
import { UserError } from "../runtime/user_error.js";
import { setting } from "./settings.js";
import { terminalText } from "./terminal_text.js";

/** A line of a log, and what it says where it is JSON: the notifications' output is not. */
interface Line {
  readonly text: string;
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
}

/** Lines of a service's log behind its name: on a terminal pretty ones; elsewhere, and with LOG_FORMAT=json, as logged. */
export async function* shownLines(lines: AsyncIterable<string>): AsyncIterable<string> {
  for await (const line of lines) yield shownLine(parse(line), false);
}

export function shownLine({ text, entry }: Line, named = true): string {
  const style = setting("LOG_FORMAT") ?? (process.stdout.isTTY ? "pretty" : "json");
  if (style === "json" || !entry) return terminalText(text);
  const pretty = prettyLine(entry);
  return terminalText(named ? pretty : pretty.replace(` ${entry["service"]}: `, " "));
}

/** The lines that tell of an order or of a request, by the id of either, in the order of time. */
export function linesAbout(id: string, lines: readonly string[]): readonly Line[] {
  const entries = lines.filter((text) => text.includes("_id")).map(parse);
  const named = entries.filter(({ entry }) => entry?.["order_id"] === id || entry?.["request_id"] === id);
  // Of an order also its request's lines, and of a request its orders', but not other orders of the same request id.
  const idsOf = (field: string) => new Set<unknown>(named.flatMap(({ entry }) => entry?.[field] ?? []));
  const [requests, orders] = [idsOf("request_id"), idsOf("order_id")];
  return inTimeOrder(
    entries.filter(({ entry }) =>
      entry?.["order_id"] === undefined ? requests.has(entry?.["request_id"]) : orders.has(entry["order_id"]),
    ),
  );
}

const levels = ["error", "warn", "info", "debug"];

/** The lines of that level and of more severe ones, in the order of time. */
export function linesOfLevel(level: string, lines: readonly string[]): readonly Line[] {
  if (!levels.includes(level)) throw new UserError(`level must be one of ${levels.join(", ")}, and is "${level}"`);
  const shown = levels.slice(0, levels.indexOf(level) + 1);
  return inTimeOrder(lines.map(parse).filter(({ entry }) => shown.includes(String(entry?.["level"]))));
}

const inTimeOrder = (lines: readonly Line[]): readonly Line[] =>
  lines.toSorted((one, other) => (String(one.entry?.["timestamp"]) < String(other.entry?.["timestamp"]) ? -1 : 1));

function parse(text: string): Line {
  try {
    const entry: unknown = JSON.parse(text);
    return {
      text,
      entry: typeof entry === "object" && entry !== null && "message" in entry ? { ...entry } : undefined,
    };
  } catch {
    return { text };
  }
}
