import { randomUUID } from "node:crypto";
import { readConfig } from "@order-flow/common/config/config.js";
import { listen, listeningPort, stopServer } from "@order-flow/common/http/server.js";
import type { Database } from "@order-flow/common/mongo/database.js";
import type { Service } from "@order-flow/common/process/lifecycle.js";
import { environmentSpecs as orderEnvironment } from "@order-flow/orders_service/config/environment.js";
import { createOrdersService } from "@order-flow/orders_service/service.js";
import { environmentSpecs as userEnvironment } from "@order-flow/user_service/config/environment.js";
import { createUserService } from "@order-flow/user_service/service.js";
import type { Express } from "express";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "./cleanup.js";
import { isServedBy } from "./documented.js";
import { quietLogger } from "./recording_logger.js";

type Settings = Readonly<Record<string, string>>;

/** A service in this process, on a free port, with a database of its own; both go when the tests are over. */
export interface RunningService {
  readonly url: string;
  readonly app: Express;
  readonly database: Database;
  stop(): Promise<void>;
}

/** The test run's own servers; `make test` starts them. */
export function testServers(): { readonly mongodb: string; readonly rabbitmq: string } {
  const { TEST_MONGODB_URI: mongodb, TEST_RABBITMQ_URL: rabbitmq } = process.env;
  if (!mongodb || !rabbitmq) throw new Error("run the tests with make test: it starts the servers they need");
  return { mongodb, rabbitmq };
}

/** The test run's MongoDB with a database of the given name in its URI. */
export function databaseUri(name: string): string {
  const uri = new URL(testServers().mongodb);
  uri.pathname = `/${name}`;
  return uri.href;
}

export const uniqueName = (prefix: string): string => `${prefix}_${randomUUID().slice(0, 8)}`;

const quiet = quietLogger();

/** user_service; `settings` are environment variables. Hashing is as cheap as the rules allow. */
export async function startUserService(settings: Settings = {}, logger = quiet): Promise<RunningService> {
  const uri = databaseUri(uniqueName("users"));
  const config = readConfig(userEnvironment, { BCRYPT_ROUNDS: "10", MONGODB_URI: uri, PORT: "0", ...settings });
  const service = await running("user_service", createUserService(config, logger), config.PORT);
  await ready(service);
  return service;
}

export interface RunningOrders extends RunningService {
  readonly queue: string;
}

/** orders_service on a queue of its own. `untilReady: false`: what it needs is away, and it is returned all the same. */
export async function startOrdersService(
  settings: Settings = {},
  logger = quiet,
  { untilReady = true } = {},
): Promise<RunningOrders> {
  const servers = testServers();
  const config = readConfig(orderEnvironment, {
    MONGODB_URI: databaseUri(uniqueName("orders")),
    RABBITMQ_URL: servers.rabbitmq,
    ORDERS_QUEUE: uniqueName("orders"),
    PORT: "0",
    ...settings,
  });
  const orders = createOrdersService(config, logger);
  const queue = config.ORDERS_QUEUE;
  const service = await running("orders_service", orders, config.PORT, async () => {
    // First, since it would declare the queue again.
    await orders.outbox.stop();
    await orders.rabbit.connection?.channel.deleteQueue(queue);
  });
  if (untilReady) await ready(service);
  return { ...service, queue };
}

/** Waits until the service answers that it is ready. */
export const ready = ({ url }: RunningService): Promise<void> =>
  waitUntil(async () => (await fetch(`${url}/ready`)).ok, { what: `${url} is ready`, deadlineMs: 60_000 });

type Parts = Service & Pick<RunningService, "database">;

async function running(name: string, service: Parts, port: number, cleanup = async () => {}): Promise<RunningService> {
  const { app, database } = service;
  const server = await listen(app, port);
  service.start();
  const url = `http://127.0.0.1:${listeningPort(server)}`;
  isServedBy(url, name);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await stopServer(server, 1_000);
    await cleanup();
    if (await database.probe()) await database.connection.dropDatabase();
    await service.stop();
  };
  const stopOnce = () => {
    stopped ??= stop();
    return stopped;
  };
  afterAll(stopOnce);
  return { url, app, database, stop: stopOnce };
}
