import { batchBuckets, durationBuckets, registerGauge, registerHistogram } from "@order-flow/common/http/metrics.js";
import type { Registry } from "prom-client";
import type { OutboxMonitor } from "../services/outbox_monitor.js";

/** The outbox as `/ready` shows it; NaN while it is unknown. */
export function registerOutboxMetrics(registry: Registry, monitor: OutboxMonitor): void {
  const waiting = () => monitor.stats?.waiting ?? Number.NaN;
  const oldestAge = () => monitor.stats?.oldest_age_seconds ?? Number.NaN;
  registerGauge(registry, "outbox_waiting_orders", "Orders whose message is not confirmed yet", waiting);
  registerGauge(registry, "outbox_oldest_age_seconds", "Time since the oldest of them was placed", oldestAge);
}

/** Adds the histograms, and returns the functions that observe a value. */
export function orderHistograms(registry: Registry) {
  const add = (name: string, help: string, buckets: number[]) => registerHistogram(registry, name, help, buckets);
  return {
    observeInsert: add("orders_insert_batch_size", "Orders that one insert has stored", batchBuckets),
    observeConfirm: add("rabbitmq_publish_confirm_seconds", "Time from a publish to its confirmation", durationBuckets),
  };
}
