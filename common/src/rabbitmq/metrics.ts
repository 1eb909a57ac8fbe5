import { Counter, Gauge, type Registry } from "prom-client";
import { withTimeout } from "../util/timeout.js";
import type { RabbitConnectionManager } from "./connection_manager.js";
import { withChannel } from "./queues.js";

const countTimeoutMs = 1_000;

type Managers = Readonly<Record<string, RabbitConnectionManager>>;

/** Adds which node each connection is on, and how often it was lost and opened again; `connection` is what it is for. */
export function registerConnectionMetrics(registry: Registry, managers: Managers): void {
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
  new Counter({
    name: "rabbitmq_reconnects_total",
    help: "How often a connection was opened again after it was lost",
    labelNames: ["connection"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [connection, { reconnects }] of Object.entries(managers)) this.inc({ connection }, reconnects);
    },
  });
}

/** Adds how many messages are in `queue`, asked at each scrape; without a series while that is unknown. */
export function registerDeadLetterMetric(registry: Registry, manager: RabbitConnectionManager, queue: string): void {
  let asking: Promise<{ readonly messageCount: number }> | undefined;
  new Gauge({
    name: "dead_letter_queue_messages",
    help: "Messages in the dead-letter queue",
    labelNames: ["queue"],
    registers: [registry],
    async collect() {
      const connection = manager.connection?.amqpConnection;
      // One at a time: a broker that does not respond would get another channel with each scrape.
      if (connection)
        asking ??= withChannel(connection, (channel) => channel.checkQueue(queue)).finally(() => (asking = undefined));
      const found = await (asking && withTimeout(asking, countTimeoutMs, "counting").catch(() => undefined));
      this.reset();
      if (found) this.set({ queue }, found.messageCount);
    },
  });
}
