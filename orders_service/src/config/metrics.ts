import { Gauge, type Registry } from "prom-client";
import type { Outbox } from "../services/outbox.js";

/** Adds to `registry` what waits in the outbox, as `/ready` tells it; no figures while the database is away. */
export function measureOutbox(registry: Registry, outbox: Outbox): void {
  const oldest = new Gauge({
    name: "outbox_oldest_age_seconds",
    help: "How long the oldest of the waiting orders has waited",
    registers: [registry],
  });
  new Gauge({
    name: "outbox_waiting_orders",
    help: "Orders whose message the broker has not confirmed yet",
    registers: [registry],
    // Both gauges from one question to the database.
    async collect() {
      const figures = await outbox.waiting().catch(() => undefined);
      this.set(figures?.waiting ?? Number.NaN);
      oldest.set(figures?.oldest_age_seconds ?? Number.NaN);
    },
  });
}
