import {
  type Attributes,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

/** A span as W3C's header of that name writes it: stored and sent in this form. Undefined where nothing is traced. */
export type Traceparent = string | undefined;

export interface SpanOptions {
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: Attributes;
  readonly parent?: Traceparent;
  /** Other spans that led to this one. */
  readonly links?: readonly Traceparent[];
}

/** A no-op until the SDK is registered. */
const tracer = trace.getTracer("order-flow");

const contextOf = (traceparent: Traceparent) => propagation.extract(ROOT_CONTEXT, { traceparent });

/** Begins a span; a parent is passed on explicitly, since much of the work is done in batches. */
export function startSpan(name: string, { kind = "INTERNAL", attributes = {}, parent, links = [] }: SpanOptions): Span {
  const contexts = links
    .map((link) => trace.getSpanContext(contextOf(link)))
    .filter((context) => context !== undefined);
  const options = { kind: SpanKind[kind], attributes, links: contexts.map((context) => ({ context })) };
  return tracer.startSpan(name, options, contextOf(parent));
}

export function traceparentOf(span: Span): Traceparent {
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent;
}

export const traceIdOf = (traceparent: Traceparent): string | undefined => traceparent?.split("-")[1];

/** Runs `work` in a span; `work` gets its traceparent. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (self: Traceparent) => Promise<T>,
): Promise<T> {
  const span = startSpan(name, options);
  try {
    return await work(traceparentOf(span));
  } catch (error) {
    failSpan(span, error instanceof Error ? error.name : "_OTHER");
    throw error;
  } finally {
    span.end();
  }
}

/** Without the error's message, which may hold personal data. */
export function failSpan(span: Span, errorType: string): void {
  span.setAttribute("error.type", errorType).setStatus({ code: SpanStatusCode.ERROR });
}

/** The work for a batch of one belongs to it; that for a larger batch is linked to each of its members. */
export const ofBatch = (members: readonly Traceparent[]): Pick<SpanOptions, "parent" | "links"> =>
  members.length === 1 ? { parent: members[0] } : { links: members };
