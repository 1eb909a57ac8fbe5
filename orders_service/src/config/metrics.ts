import { Gauge, type Registry } from "prom-client";
import type { Outbox } from "../services/outbox.js";
import type { OutboxStats } from "../services/outbox_monitor.js";

/** The outbox as `/ready` shows it; NaN while it is unknown. */
export function registerOutboxMetrics(registry: Registry, outbox: Outbox): void {
  const gauge = (name: string, help: string, value: (stats: OutboxStats) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(outbox.stats ? value(outbox.stats) : Number.NaN);
      },
    });
  gauge("outbox_waiting_orders", "Orders whose message is not confirmed yet", ({ waiting }) => waiting);
  gauge("outbox_oldest_age_seconds", "Time since the oldest of them was placed", (stats) => stats.oldest_age_seconds);
}
