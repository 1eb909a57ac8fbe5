import type { Attributes, Span } from "@opentelemetry/api";
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Options } from "amqplib";

export type { Span };

export interface SpanOptions {
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: Attributes;
  /** Default: the active span. */
  readonly parent?: Span | undefined;
  readonly links?: readonly (Span | undefined)[];
}

/** Makes no-ops until the SDK is loaded. */
const tracer = trace.getTracer("order-flow");

export function startSpan(name: string, { kind = "INTERNAL", attributes = {}, parent, links = [] }: SpanOptions): Span {
  const linked = links.flatMap((span) => (span ? { context: span.spanContext() } : []));
  const within = parent ? trace.setSpan(ROOT_CONTEXT, parent) : context.active();
  return tracer.startSpan(name, { kind: SpanKind[kind], attributes, links: linked }, within);
}

/** Ends `span`, as failed if there is an error; its message stays out, since it may hold personal data. */
export function endSpan(span: Span, errorType?: string): void {
  if (errorType !== undefined) span.setAttribute("error.type", errorType).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Makes `span` the active one while `work` runs. */
export const withSpan = <T>(span: Span, work: () => T): T => context.with(trace.setSpan(ROOT_CONTEXT, span), work);

export async function inSpan<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const span = startSpan(name, options);
  try {
    const result = await withSpan(span, work);
    endSpan(span);
    return result;
  } catch (error) {
    endSpan(span, error instanceof Error ? error.name : "_OTHER");
    throw error;
  }
}

/** The work for one message is a part of its trace; the work for a batch is linked to each. */
export const ofBatch = (batch: readonly { readonly span: Span }[]): SpanOptions => ({
  attributes: { "messaging.batch.message_count": batch.length },
  ...(batch.length === 1 ? { parent: batch[0]?.span } : { links: batch.map(({ span }) => span) }),
});

/** The active span in the form of W3C Trace Context, to be sent or stored; empty without tracing. */
export function traceHeaders(): { traceparent?: string; tracestate?: string } {
  const headers = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The span of another process, or of an earlier time, that `headers` name. */
export const remoteSpan = (headers: object = {}): Span | undefined =>
  trace.getSpan(propagation.extract(ROOT_CONTEXT, headers));

export const activeTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;

/** By OpenTelemetry's conventions for RabbitMQ. */
export const messageAttributes = (operation: string, queue: string, properties: Options.Publish): Attributes => ({
  "messaging.system": "rabbitmq",
  "messaging.operation.name": operation,
  "messaging.operation.type": operation,
  "messaging.destination.name": queue,
  "messaging.rabbitmq.destination.routing_key": queue,
  "messaging.message.id": properties.messageId,
  "messaging.message.conversation_id": properties.correlationId,
});
