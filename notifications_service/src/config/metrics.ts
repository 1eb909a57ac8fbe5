import { durationBuckets, histogramMetric } from "@order-flow/common/http/metrics.js";
import { Counter, type Registry } from "prom-client";
import { type Outcome, outcomes } from "../services/notifier.js";

/** Registers the counter of messages by outcome, and returns the function that increments it. */
export function registerMessagesMetric(registry: Registry): (outcome: Outcome, messages: number) => void {
  const messages = new Counter({
    name: "notifications_messages_total",
    help: "Messages by what became of them: a line, nothing since the order has its line, or a dead letter",
    labelNames: ["outcome"],
    registers: [registry],
  });
  // A series that starts with its first event would show no increase.
  for (const outcome of outcomes) messages.inc({ outcome }, 0);
  return (outcome, count) => messages.inc({ outcome }, count);
}

/** Adds the histogram of delays, and returns the function that observes one. */
export function delayMetric(registry: Registry) {
  // Up to the hours for which orders may wait for a broker that is away.
  const buckets = [...durationBuckets, 30, 60, 300, 1_800, 7_200];
  return histogramMetric(registry, "notifications_delay_seconds", "Time from created_at to the order's line", buckets);
}
