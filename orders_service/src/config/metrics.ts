import { batchBuckets, durationBuckets, histogramMetric, registerGauge } from "@order-flow/common/http/metrics.js";
import type { Registry } from "prom-client";
import type { Outbox } from "../services/outbox.js";
import type { OutboxStats } from "../services/outbox_monitor.js";

/** The outbox as `/ready` shows it; NaN while it is unknown. */
export function registerOutboxMetrics(registry: Registry, outbox: Outbox): void {
  const register = (name: string, help: string, value: (stats: OutboxStats) => number) =>
    registerGauge(registry, name, help, () => (outbox.stats ? value(outbox.stats) : Number.NaN));
  register("outbox_waiting_orders", "Orders whose message is not confirmed yet", ({ waiting }) => waiting);
  register(
    "outbox_oldest_age_seconds",
    "Time since the oldest of them was placed",
    (stats) => stats.oldest_age_seconds,
  );
}

/** Adds the histograms, and returns the functions that observe a value. */
export function orderHistograms(registry: Registry) {
  const add = (name: string, help: string, buckets: number[]) => histogramMetric(registry, name, help, buckets);
  return {
    observeInsert: add("orders_insert_batch_size", "Orders that one insert has stored", batchBuckets),
    observeConfirm: add("rabbitmq_publish_confirm_seconds", "Time from a publish to its confirmation", durationBuckets),
  };
}
