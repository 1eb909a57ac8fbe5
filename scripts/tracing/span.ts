/** A span as it is kept: what OTLP says of it, in plain JSON. Times in milliseconds. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly service: string;
  /** Another one for each process. */
  readonly instance: string;
  readonly start: number;
  readonly duration: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly SpanLink[];
  readonly failed: boolean;
}

interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

interface OtlpValue {
  readonly arrayValue?: { readonly values: readonly OtlpValue[] };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

interface OtlpSpan extends Pick<Span, "traceId" | "spanId" | "parentSpanId" | "name" | "kind"> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly links?: readonly SpanLink[];
  readonly status?: { readonly code?: number };
}

/** The body of an export, as opentelemetry-proto's trace_service.proto has it in JSON. */
interface OtlpRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

const errorCode = 2;

export function spansIn({ resourceSpans = [] }: OtlpRequest): readonly Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const about = plain(resource?.attributes);
    const [service, instance] = [String(about["service.name"]), String(about["service.instance.id"])];
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({ ...spanOf(span), service, instance })));
  });
}

function spanOf({ startTimeUnixNano, endTimeUnixNano, attributes, links = [], status, ...span }: OtlpSpan) {
  const { traceId, spanId, parentSpanId, name, kind } = span;
  const [start, end] = [Number(startTimeUnixNano) / 1e6, Number(endTimeUnixNano) / 1e6];
  return {
    ...{ traceId, spanId, name, kind, ...(parentSpanId && { parentSpanId }) },
    ...{ start, duration: end - start, attributes: plain(attributes), failed: status?.code === errorCode },
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
  };
}

const plain = (attributes: readonly OtlpAttribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));

const plainValue = (value: OtlpValue): unknown => value.arrayValue?.values.map(plainValue) ?? Object.values(value)[0];
