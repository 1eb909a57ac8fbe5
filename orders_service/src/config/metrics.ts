import { Gauge, type Registry } from "prom-client";
import type { Outbox } from "../services/outbox.js";

type Figures = Awaited<ReturnType<Outbox["waiting"]>>;

/** Adds to `registry` what waits in the outbox, as `/ready` tells it; no figures while the database is away. */
export function measureOutbox(registry: Registry, outbox: Outbox): void {
  let asked: Promise<Figures | undefined> | undefined;
  // The gauges are collected side by side: they share one question to the database.
  const figures = () => {
    asked ??= outbox
      .waiting()
      .catch(() => undefined)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  const gauge = (name: string, help: string, value: (figures: Figures) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const found = await figures();
        this.set(found ? value(found) : Number.NaN);
      },
    });
  gauge("outbox_waiting_orders", "Orders whose message is not confirmed yet", ({ waiting }) => waiting);
  gauge("outbox_oldest_age_seconds", "Time since the oldest of them was placed", (found) => found.oldest_age_seconds);
}
