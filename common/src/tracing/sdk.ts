import { randomUUID } from "node:crypto";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";
import type { Logger } from "winston";
import { withTimeout } from "../util/timeout.js";

const flushTimeoutMs = 1_000;

/** Exports spans; the SDK reads its own variables: endpoint, sampler, limits. Returns the function that flushes the last. */
export function startTracing(logger: Logger): () => Promise<void> {
  const ids = { "service.name": logger.defaultMeta.service, "service.instance.id": randomUUID() };
  const resource = defaultResource().merge(resourceFromAttributes(ids));
  const provider = new NodeTracerProvider({
    resource: resource.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(loggingChanges(new OTLPTraceExporter(), logger))],
  });
  provider.register({ propagator: new W3CTraceContextPropagator() });
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
