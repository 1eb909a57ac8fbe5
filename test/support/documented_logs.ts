import assert from "node:assert/strict";
import { tableOf } from "./markdown.js";

const codes = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

interface DocumentedLine {
  readonly message: string;
  readonly levels: readonly string[];
  /** `all`, or a service's short name. */
  readonly service: string;
  readonly fields: readonly string[];
}

/** The rows of docs/logs.md. */
export const documentedLines: readonly DocumentedLine[] = tableOf("docs/logs.md", "message").flatMap(
  ([messages, levels, service = "", fields]) =>
    codes(messages).map((message) => ({ message, levels: codes(levels), service, fields: codes(fields) })),
);

const inEveryLine = ["timestamp", "level", "service", "message", "trace_id"];

/** Fails with the lines of a log, as text, that docs/logs.md does not have, or has with other levels or fields. */
export function assertDocumentedLog(text: string): void {
  const unknown = text.split("\n").filter((line) => {
    // What is no JSON object is no line of the logger: a mistake in the settings, a crash of Node itself.
    if (!/^\{.*"message":.*\}$/.test(line)) return false;
    const entry: Readonly<Record<string, unknown>> = JSON.parse(line);
    const row = documentedLines.find(({ message }) => message === entry["message"]);
    const allowed = [...inEveryLine, ...(row?.fields ?? [])];
    return !row?.levels.includes(String(entry["level"])) || !Object.keys(entry).every((name) => allowed.includes(name));
  });
  assert.deepEqual(unknown, [], "docs/logs.md does not have these lines");
}
