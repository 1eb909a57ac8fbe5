import { Gauge, type Registry } from "prom-client";
import type { RabbitConnectionManager } from "./connection_manager.js";

/** Adds which node each connection is on; `connection` is what it is for. */
export function registerHostMetric(
  registry: Registry,
  managers: Readonly<Record<string, RabbitConnectionManager>>,
): void {
  new Gauge({
    name: "rabbitmq_connection",
    help: "1 for the node that a connection is on",
    labelNames: ["connection", "host"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [connection, { host }] of Object.entries(managers)) if (host) this.set({ connection, host }, 1);
    },
  });
}
