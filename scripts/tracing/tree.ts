import type { Span } from "./span.js";

const linksTo = (span: Span, other: Span) => span.links.some(({ spanId }) => spanId === other.spanId);
/** A span with several links is the work for a batch: following them would lead to other orders. */
const isBatch = ({ links }: Span) => links.length > 1;
const follows = (span: Span, other: Span) =>
  span.parentSpanId === other.spanId || (!isBatch(span) && linksTo(span, other));

/** The spans that have `id` as an attribute or a trace id, and what belongs to them, in the order in which they began. */
export function relatedSpans(id: string, all: readonly Span[]): readonly Span[] {
  const own = new Set(all.filter((span) => span.traceId === id || Object.values(span.attributes).flat().includes(id)));
  // A set that grows is iterated to its new end.
  for (const span of own)
    for (const other of all) if (follows(other, span) || (!isBatch(span) && linksTo(span, other))) own.add(other);
  const related = new Set(own);
  for (const batch of all) if (isBatch(batch) && [...own].some((span) => linksTo(batch, span))) related.add(batch);
  for (const span of related) for (const other of all) if (other.spanId === span.parentSpanId) related.add(other);
  return [...related].sort((one, other) => one.start - other.start);
}

/** A tree for each trace, with when each span began and how long it took, at most 80 columns wide. */
export function treeLines(spans: readonly Span[]): readonly string[] {
  const [first] = spans;
  if (!first) return [];
  const parentOf = (span: Span) =>
    spans.find(({ spanId }) => spanId === span.parentSpanId) ??
    (isBatch(span) ? spans.find((other) => linksTo(span, other)) : undefined);
  const linesOf = (span: Span, indent: string, branch: string): string[] => {
    const children = spans.filter((other) => parentOf(other) === span);
    const below = indent + (branch === "├─ " ? "│  " : branch && "   ");
    const linked = isBatch(span) ? [] : spans.filter((other) => linksTo(span, other));
    return [
      row(indent + branch + titleOf(span), shortName(span.service), span.start - first.start, span.duration),
      ...linked.map((other) => `${below}   linked to ${other.name}, ${time(span.start - other.start)} before`),
      ...children.flatMap((child, index) => linesOf(child, below, index < children.length - 1 ? "├─ " : "└─ ")),
    ];
  };
  const roots = spans.filter((span) => !parentOf(span));
  return roots.flatMap((root) => ["", `trace ${root.traceId}`, ...linesOf(root, "", "")]);
}

const shortName = (service: string): string => service.replace(/_service$/, "");

function titleOf({ name, attributes, failed }: Span): string {
  const count = Number(attributes["messaging.batch.message_count"] ?? 1);
  const end = attributes["order_flow.outcome"] ?? (failed ? attributes["error.type"] : undefined);
  return `${name}${count > 1 ? ` (batch of ${count})` : ""}${end ? `: ${end}` : ""}`;
}

const row = (title: string, service: string, start: number, duration: number): string =>
  `${title.slice(0, 42).padEnd(42)} ${service.padEnd(13)} ${`+${time(start)}`.padStart(11)} ${time(duration).padStart(10)}`;

const time = (ms: number): string => (ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(2)} s`);
