import type { ClusterHandle } from "../runtime/broker_cluster.js";
import { freePort } from "../runtime/free_port.js";
import type { BrokerHandle, ServerHandle } from "../runtime/handle.js";
import { ownBroker, ownBrokerCluster, ownDatabase } from "../runtime/servers.js";
import { waitUntil } from "../runtime/wait.js";
import { PrintedOrders } from "./printed_orders.js";
import { RestartableService } from "./restartable_service.js";

interface ClusterOptions {
  /** How many processes of each service. */
  readonly replicas: number;
  /** Three: a cluster; one if left out. */
  readonly brokers?: number;
  /** Where processes keep what they write. */
  readonly folder: string;
  /** What the services get beside the addresses of broker and database. */
  readonly env?: Readonly<Record<string, string>>;
  /** Something that stands between the services and the broker; returns the URL that they get. */
  readonly throughProxy?: (brokerUrl: string) => Promise<string>;
}

/** A whole system of its own: broker, database and services as processes that can be killed. */
export class Cluster {
  readonly database: ServerHandle;
  readonly broker: BrokerHandle & Partial<Pick<ClusterHandle, "nodes">>;
  readonly orders: readonly RestartableService[];
  readonly notifications: readonly RestartableService[];
  readonly printed: PrintedOrders;

  /** Starts all of it; resolves when every service is ready. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const [database, broker]: [ServerHandle, Cluster["broker"]] = await Promise.all([
      ownDatabase(options.folder),
      options.brokers === 3 ? ownBrokerCluster(options.folder) : ownBroker(options.folder),
    ]);
    await Promise.all([database.start(), broker.start()]);
    const brokerUrl = (await options.throughProxy?.(broker.url)) ?? broker.url;
    const env = { MONGODB_URI: database.url, RABBITMQ_URL: brokerUrl, ...options.env };
    const processes = (service: "orders_service" | "notifications_service") =>
      Promise.all(
        Array.from({ length: options.replicas }, async (_, index) => {
          const name = `${service}_${index + 1}`;
          return new RestartableService({ service, name, folder: options.folder, port: await freePort(), env });
        }),
      );
    const cluster = new Cluster(
      database,
      broker,
      await processes("orders_service"),
      await processes("notifications_service"),
    );
    await Promise.all(cluster.services.map((service) => service.start()));
    await cluster.ready();
    return cluster;
  }

  constructor(
    database: ServerHandle,
    broker: Cluster["broker"],
    orders: readonly RestartableService[],
    notifications: readonly RestartableService[],
  ) {
    this.database = database;
    this.broker = broker;
    this.orders = orders;
    this.notifications = notifications;
    this.printed = new PrintedOrders(notifications);
  }

  get services(): readonly RestartableService[] {
    return [...this.orders, ...this.notifications];
  }

  get nodes(): ClusterHandle["nodes"] {
    return this.broker.nodes ?? [];
  }

  async ready(deadlineMs = 60_000): Promise<void> {
    for (const service of this.services)
      await waitUntil(() => service.isReady(), { what: `${service.name} is ready`, deadlineMs });
  }

  /** Stops all of it and forgets its data. */
  async remove(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()));
    await Promise.all([this.database.remove(), this.broker.remove()]);
  }
}
