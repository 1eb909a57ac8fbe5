import { ConnectionString } from "mongodb-connection-string-url";
import { RestartableService } from "../scripts/chaos/restartable_service.js";
import { freePort } from "../scripts/runtime/free_port.js";
import { root as ownRoot } from "../scripts/runtime/paths.js";
import { waitUntil } from "../scripts/runtime/wait.js";

/** bcrypt's cost while we measure; the services' own default is 12. */
export const bcryptRounds = 10;

export interface Build {
  /** A checkout that is built; this one if left out. */
  readonly root?: string;
  /** Settings that all its services get. */
  readonly env?: Readonly<Record<string, string>>;
}

interface SystemOptions extends Build {
  /** Unlike any other in the folder. */
  readonly name: string;
  readonly folder: string;
  readonly mongodbUri: string;
  readonly rabbitmqUrl: string;
}

/** One build of the three services, each with a database of its own, on a queue of its own. */
export class System {
  readonly name: string;
  readonly queue: string;
  readonly mongodbUri: string;
  readonly users: RestartableService;
  readonly orders: RestartableService;
  /** Another of the same. Not started with the others. */
  readonly secondOrders: RestartableService;
  /** It remembers in memory what it has printed. */
  readonly notifications: RestartableService;
  /** It remembers that in MongoDB. Not started with the others. */
  readonly durableNotifications: RestartableService;

  static async start(options: SystemOptions): Promise<System> {
    const ports = await Promise.all(Array.from({ length: 5 }, () => freePort()));
    const system = new System(options, ports);
    for (const service of [system.users, system.orders, system.notifications]) {
      await service.start();
      await waitUntil(() => service.isReady(), { what: `${service.name} is ready`, deadlineMs: 60_000 });
    }
    return system;
  }

  private constructor(options: SystemOptions, ports: number[]) {
    const { name, folder, mongodbUri, rabbitmqUrl, root = ownRoot } = options;
    this.name = name;
    this.queue = `bench_${name}`;
    const common = {
      NODE_ENV: "production",
      API_KEY: "none",
      // One client makes all calls: counted, and never refused.
      RATE_LIMIT_PER_MINUTE: "1000000000",
      BCRYPT_ROUNDS: `${bcryptRounds}`,
      RABBITMQ_URL: rabbitmqUrl,
      ORDERS_QUEUE: this.queue,
      ...options.env,
    };
    const uri = new ConnectionString(mongodbUri);
    uri.pathname = `/${this.queue}`;
    this.mongodbUri = uri.href;
    const database = { MONGODB_URI: uri.href };
    const process = (
      service: ConstructorParameters<typeof RestartableService>[0]["service"],
      suffix: string,
      env: object,
    ) =>
      new RestartableService({
        service,
        name: `${name}_${suffix}`,
        folder,
        root,
        port: ports.shift() ?? 0,
        env: { ...common, ...env },
      });
    this.users = process("user_service", "users", database);
    this.orders = process("orders_service", "orders", database);
    this.secondOrders = process("orders_service", "second_orders", database);
    this.notifications = process("notifications_service", "notifications", { MONGODB_URI: "" });
    this.durableNotifications = process("notifications_service", "durable", database);
  }
}
