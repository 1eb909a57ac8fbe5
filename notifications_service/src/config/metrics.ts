import { Counter, type Registry } from "prom-client";
import { type Outcome, outcomes } from "../services/notifier.js";

/** Adds to `registry` what became of messages, and returns what is to be told of it. */
export function countMessages(registry: Registry): (outcome: Outcome, messages: number) => void {
  const messages = new Counter({
    name: "notifications_messages_total",
    help: "Messages by what became of them: a line, nothing since the order has its line, or a dead letter",
    labelNames: ["outcome"],
    registers: [registry],
  });
  // From the start: a series that appears with its first event shows no increase.
  for (const outcome of outcomes) messages.inc({ outcome }, 0);
  return (outcome, count) => messages.inc({ outcome }, count);
}
