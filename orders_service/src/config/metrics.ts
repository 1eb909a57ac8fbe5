import { Gauge, type Registry } from "prom-client";
import type { Outbox } from "../services/outbox.js";
import type { OutboxFigures } from "../services/outbox_monitor.js";

/** Adds to `registry` what waits in the outbox, as `/ready` tells it; what is not known is not a number. */
export function measureOutbox(registry: Registry, outbox: Outbox): void {
  const gauge = (name: string, help: string, value: (figures: OutboxFigures) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(outbox.figures ? value(outbox.figures) : Number.NaN);
      },
    });
  gauge("outbox_waiting_orders", "Orders whose message is not confirmed yet", ({ waiting }) => waiting);
  gauge("outbox_oldest_age_seconds", "Time since the oldest of them was placed", (found) => found.oldest_age_seconds);
}
