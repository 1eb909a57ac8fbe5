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
