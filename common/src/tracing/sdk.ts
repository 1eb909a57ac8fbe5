import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";
import type { Logger } from "winston";
import { withTimeout } from "../util/timeout.js";

const flushTimeoutMs = 1_000;

/**
 * Exports spans over OTLP/HTTP from now on; the SDK reads its own variables (endpoint, sampler, limits). Returns what
 * flushes the last ones.
 */
export function startTracing(service: string, logger: Logger): () => Promise<void> {
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  const resource = defaultResource()
    .merge(detected)
    .merge(resourceFromAttributes({ "service.name": service }));
  const spanProcessors = [new BatchSpanProcessor(loggingChanges(new OTLPTraceExporter(), logger))];
  const provider = new NodeTracerProvider({ resource, spanProcessors });
  // Parents are passed on explicitly: a context manager would follow each promise.
  provider.register({ contextManager: null });
  return () => withTimeout(provider.shutdown(), flushTimeoutMs, "flushing spans").catch(() => {});
}

/** Logs when exports begin to fail and when they work again, not every attempt. */
function loggingChanges(exporter: SpanExporter, logger: Logger): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error && !failing) logger.warn("spans can't be exported; they are dropped", { reason: String(error) });
        if (!error && failing) logger.info("spans are exported again");
        failing = error !== undefined;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
