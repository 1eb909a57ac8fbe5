import { durationBuckets, registerHistogram } from "@order-flow/common/http/metrics.js";
import { Counter, type Registry } from "prom-client";
import { type Outcome, outcomes } from "../services/notifier.js";

/** Adds the counter and the histogram, and returns the functions that count messages and observe a delay. */
export function notificationMetrics(registry: Registry) {
  const messages = new Counter({
    name: "notifications_messages_total",
    help: "Messages by what became of them: a line, nothing since the order has its line, or a dead letter",
    labelNames: ["outcome"],
    registers: [registry],
  });
  // A series that starts with its first event would show no increase.
  for (const outcome of outcomes) messages.inc({ outcome }, 0);
  // Up to the hours for which orders may wait for a broker that is away.
  const buckets = [...durationBuckets, 30, 60, 300, 1_800, 7_200];
  const help = "Time from created_at to the order's line";
  return {
    count: (outcome: Outcome, count: number) => messages.inc({ outcome }, count),
    observeDelay: registerHistogram(registry, "notifications_delay_seconds", help, buckets),
  };
}
