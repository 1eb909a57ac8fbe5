import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { createReceiver } from "../../scripts/tracing/receiver.js";
import type { Span } from "../../scripts/tracing/span.js";
import { afterAll } from "./cleanup.js";
import { listenLocally } from "./listening.js";

type Wanted = (span: Span) => boolean;

/** Receives spans over OTLP/HTTP, from as many processes as there are. */
export class SpanCollector {
  readonly spans: Span[] = [];
  /** How often somebody has sent some. */
  exports = 0;
  isRefusing = false;
  #url = "";

  static async start(): Promise<SpanCollector> {
    const collector = new SpanCollector();
    const server = createReceiver((spans) => collector.#take(spans));
    collector.#url = `http://127.0.0.1:${await listenLocally(server)}`;
    afterAll(async () => server.close());
    return collector;
  }

  /** What makes a service send its spans here, and soon. */
  get settings() {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.#url, OTEL_BSP_SCHEDULE_DELAY: "50" };
  }

  /** Waits for a span of that name, and returns it. */
  async span(name: string, wanted: Wanted = () => true): Promise<Span> {
    const find = () => this.spans.find((span) => span.name === name && wanted(span));
    try {
      await waitUntil(() => find() !== undefined, { what: `there is a span ${name}`, deadlineMs: 60_000 });
    } catch (error) {
      throw new Error(`${error}; there are ${this.spans.map((span) => span.name).join(", ")}`);
    }
    return find() ?? assert.fail();
  }

  /** Waits for the span of that name under `parent`. */
  child = (parent: Span, name: string): Promise<Span> =>
    this.span(name, ({ parentSpanId, traceId }) => parentSpanId === parent.spanId && traceId === parent.traceId);

  /** Waits for the span of that name that is linked to `other`. */
  linkedTo = (other: Span, name: string): Promise<Span> =>
    this.span(name, ({ links }) => links.some(({ spanId }) => spanId === other.spanId));

  #take(spans: readonly Span[]): void {
    this.exports += 1;
    if (this.isRefusing) throw new Error("refused");
    this.spans.push(...spans);
  }
}
