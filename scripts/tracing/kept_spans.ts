import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { upFolder } from "../runtime/paths.js";
import type { Span } from "./span.js";

const file = join(upFolder, "spans.jsonl");
const olderFile = `${file}.previous`;
const maxBytes = 10_000_000;

/** Keeps spans, a line each; the oldest give way beyond two files of `maxBytes`. */
export function keepSpans(spans: readonly Span[]): void {
  mkdirSync(upFolder, { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) renameSync(file, olderFile);
  appendFileSync(file, spans.map((span) => `${JSON.stringify(span)}\n`).join(""));
}

export function keptSpans(): readonly Span[] {
  const lines = [olderFile, file].flatMap((path) => (existsSync(path) ? readFileSync(path, "utf8").split("\n") : []));
  return lines.filter((line) => line !== "").map((line): Span => JSON.parse(line));
}
