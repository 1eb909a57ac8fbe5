import { type RequestHandler, Router } from "express";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { allowOnly } from "./errors/errors.js";
import type { Dependency } from "./health.js";
import type { ObserveResponse } from "./middleware/response_time.js";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** In seconds. A call takes at most about 3 s; the buckets above are for passwords that wait for their hash. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
export const batchBuckets = [1, 2, 5, 10, 20, 50, 100];

/** A registry with the figures of this process. Each app has its own, so that one process can hold two of them. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  let last = performance.eventLoopUtilization();
  const help = "Share of the time since the last scrape in which the event loop was busy";
  registerGauge(registry, "nodejs_eventloop_utilization_ratio", help, () => {
    const before = last;
    last = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(last, before).utilization;
  });
  return registry;
}

/** Adds a gauge that is read at each scrape. */
export function registerGauge(registry: Registry, name: string, help: string, read: () => number): void {
  const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
}

/** Adds a histogram without labels, and returns the function that observes a value. */
export function registerHistogram(registry: Registry, name: string, help: string, buckets: number[]) {
  const histogram = new Histogram({ name, help, buckets, registers: [registry] });
  return (value: number): void => histogram.observe(value);
}

/** Adds a histogram of requests, and returns the function that observes a response. */
export function registerRequestHistogram(registry: Registry): ObserveResponse {
  const durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's head to its response's head",
    labelNames: ["method", "route", "status"],
    buckets: durationBuckets,
    registers: [registry],
  });
  return (req, res, ms) => {
    // A label that clients make up would leave a series for each of its values.
    const method = methods.includes(req.method) ? req.method : "other";
    const route = typeof req.route?.path === "string" ? req.route.path : "other";
    durations.observe({ method, route, status: res.statusCode }, ms / 1000);
  };
}

/** Adds whether each of `dependencies` answers, asked at each scrape. */
export function registerDependencyMetrics(registry: Registry, dependencies: readonly Dependency[]): void {
  new Gauge({
    name: "dependency_up",
    help: "1 if what the service needs answers",
    labelNames: ["dependency"],
    registers: [registry],
    async collect() {
      const ask = async (one: Dependency) => this.set({ dependency: one.name }, (await one.isUp()) ? 1 : 0);
      await Promise.all(dependencies.map(ask));
    },
  });
}

export function metricsRoutes(registry: Registry): Router {
  const metrics: RequestHandler = async (_req, res) => {
    const text = await registry.metrics();
    res.set("Cache-Control", "no-store").type(registry.contentType).send(text);
  };
  const router = Router();
  router.route("/metrics").get(metrics).all(allowOnly("GET", "HEAD"));
  return router;
}
