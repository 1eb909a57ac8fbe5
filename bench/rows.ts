import { randomUUID } from "node:crypto";
import { residentMb } from "../scripts/chaos/memory_watch.js";
import { PrintedOrders } from "../scripts/chaos/printed_orders.js";
import { showProgress } from "../scripts/chaos/progress.js";
import { publishOrders } from "../scripts/chaos/publish_orders.js";
import type { RestartableService } from "../scripts/chaos/restartable_service.js";
import { type Call, cpuSeconds, drive, type Figures } from "./load.js";
import type { System } from "./system.js";

/** What a row is compared with. */
export type Ceiling = "static Express" | "bcryptjs" | "publish";

export interface Row {
  readonly name: string;
  /** One figure of the row in a build; `rabbitmqUrl` is the broker that it works with. */
  readonly measure: (system: System, seconds: number, rabbitmqUrl: string) => Promise<Figures>;
  readonly ceiling?: Ceiling;
}

const createUser: Call = {
  method: "POST",
  path: "/users",
  body: () => ({ name: "Ada Lovelace", email: `${randomUUID()}@example.com`, password: "correct horse battery" }),
  expected: 201,
};
const item = (sku: string, quantity: number) => ({ sku, quantity, unit_price_cents: 450 });
export const placeOrder: Call = {
  method: "POST",
  path: "/orders",
  body: () => ({ user_id: "65f0c0ffee65f0c0ffee65f0", items: [item("TEA-250", 2), item("CUP-1", 1)] }),
  expected: 201,
};
const rejectUser: Call = {
  ...createUser,
  body: () => ({ name: "", email: "nobody", password: "short" }),
  expected: 422,
};

export const drivenBy = ({ url, pid }: RestartableService, call: Call, seconds: number, connections?: number) =>
  drive({ url, pid, call, seconds, ...(connections && { connections }) });

/** The call that reads a user who was made for it. */
async function someUser({ users }: System): Promise<Call> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${users.url}/users`, {
    method: "POST",
    headers,
    body: JSON.stringify(createUser.body?.()),
  });
  await answer.arrayBuffer();
  return { path: answer.headers.get("Location") ?? "", expected: 200 };
}

const creators = 4;

async function besideCreators(system: System, seconds: number): Promise<readonly [reads: Figures, creates: Figures]> {
  const read = await someUser(system);
  return Promise.all([drivenBy(system.users, read, seconds), drivenBy(system.users, createUser, seconds, creators)]);
}

/** How fast a consumer prints so many orders that wait for it in the queue. */
async function consume(
  consumer: RestartableService,
  system: System,
  rabbitmqUrl: string,
  backlog: number,
): Promise<Figures> {
  for (const service of [system.notifications, system.durableNotifications]) await service.stop();
  await publishOrders(rabbitmqUrl, system.queue, backlog);
  const printed = new PrintedOrders([consumer]);
  const earlier = printed.read();
  await consumer.start();
  const [start, before] = [performance.now(), cpuSeconds(consumer.pid) ?? Number.NaN];
  const already = printed.read();
  await showProgress(`Printed (${consumer.name})`, backlog, () => printed.read() - earlier);
  const [lines, seconds] = [printed.read() - already, (performance.now() - start) / 1_000];
  const cpuMs = (((cpuSeconds(consumer.pid) ?? Number.NaN) - before) * 1_000) / lines;
  return { perSecond: lines / seconds, cpuMs, memoryMb: residentMb([consumer]) };
}

export const rows: readonly Row[] = [
  {
    name: "health",
    ceiling: "static Express",
    measure: ({ users }, seconds) => drivenBy(users, { path: "/health", expected: 200 }, seconds),
  },
  {
    name: "reject bad input",
    ceiling: "static Express",
    measure: ({ users }, seconds) => drivenBy(users, rejectUser, seconds),
  },
  {
    name: "get user",
    ceiling: "static Express",
    measure: async (system, seconds) => drivenBy(system.users, await someUser(system), seconds),
  },
  { name: "create user", ceiling: "bcryptjs", measure: ({ users }, seconds) => drivenBy(users, createUser, seconds) },
  {
    name: `get user beside ${creators} creators`,
    ceiling: "static Express",
    measure: async (system, seconds) => (await besideCreators(system, seconds))[0],
  },
  {
    name: "create user beside readers",
    ceiling: "bcryptjs",
    measure: async (system, seconds) => (await besideCreators(system, seconds))[1],
  },
  { name: "create order", ceiling: "publish", measure: ({ orders }, seconds) => drivenBy(orders, placeOrder, seconds) },
  {
    name: "print, inbox in memory",
    ceiling: "publish",
    measure: (system, _seconds, url) => consume(system.notifications, system, url, 40_000),
  },
  {
    name: "print, durable inbox",
    ceiling: "publish",
    measure: (system, _seconds, url) => consume(system.durableNotifications, system, url, 3_000),
  },
];
