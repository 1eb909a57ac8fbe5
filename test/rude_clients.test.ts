import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { residentMb } from "../scripts/chaos/memory_watch.js";
import { RestartableService } from "../scripts/chaos/restartable_service.js";
import { freePort } from "../scripts/runtime/free_port.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { afterAll } from "./support/cleanup.js";
import { RawConnection } from "./support/raw_http.js";
import { databaseUri, uniqueName } from "./support/services.js";

const perMinute = 600;
const slowClients = 200;
const burst = 10_000;
/** Of the burst, how many responses may overtake the request of another client, who would else wait for all of them. */
const maxOvertaking = burst / 4;
/** As in backlog.ts. */
const maxGrowthMb = 50;
// Behind one proxy, so that clients of a test can have addresses of their own.
const env = {
  MONGODB_URI: databaseUri(uniqueName("users")),
  RATE_LIMIT_PER_MINUTE: `${perMinute}`,
  TRUST_PROXY: "1",
};
const [name, folder, port] = ["user_service", testFolder("rude_clients"), await freePort()] as const;
const service = new RestartableService({ service: name, name, folder, port, env });
afterAll(() => service.kill());
await service.start();
await waitUntil(() => service.isReady(), { what: `${name} is ready`, deadlineMs: 60_000 });

test(`When ${slowClients} clients send a byte a second and one sends ${burst} requests, then others are served`, async (t) => {
  // Caches and code are warm then, and what is measured is what the rest adds.
  await sendMany("203.0.113.2", 2_000);
  const beforeMb = residentMb([service]);
  const slow = await Promise.all(Array.from({ length: slowClients }, sendSlowly));
  const over = new AbortController();
  const other = callNowAndThen("203.0.113.3", over.signal);
  const start = performance.now();
  const answers = await sendMany("203.0.113.1", burst);
  const minutes = Math.floor((performance.now() - start) / 60_000) + 1;
  const cutOff = await Promise.all(slow.map((connection) => connection.answer()));
  over.abort();
  const { statuses, overtaken } = await other;
  const growthMb = residentMb([service]) - beforeMb;

  t.diagnostic(`another client: ${statuses.length} answers, overtaken by at most ${overtaken} of the burst`);
  t.diagnostic(`memory: ${beforeMb} MB before, ${growthMb} MB more at the end`);
  const served = answers.get(200) ?? 0;
  assert.deepEqual(
    answers,
    new Map([
      [200, served],
      [429, burst - served],
    ]),
  );
  // The last minute may end before its limit is used up.
  assert.ok(served >= perMinute && served <= minutes * perMinute, `${served} in ${minutes} minutes`);
  assert.deepEqual(new Set(cutOff.map(({ status }) => status)), new Set([408]));
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.ok(overtaken < maxOvertaking, `${overtaken} responses of the burst overtook another client's request`);
  assert.ok(growthMb <= maxGrowthMb, `memory grew by ${growthMb} MB`);
});

/** How many requests of `sendMany` have their response. */
let sentMany = 0;

/** Sends so many requests from one address, through 50 connections; returns how often each status was the answer. */
async function sendMany(address: string, count: number): Promise<ReadonlyMap<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const counts = new Map<number, number>();
  const sendOne = async () => {
    const status = await statusFor(address, agent);
    sentMany += 1;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: count }, sendOne));
  agent.destroy();
  return counts;
}

async function statusFor(address: string, agent: Agent): Promise<number> {
  const request = get(`${service.url}/users?limit=1`, { agent, headers: { "X-Forwarded-For": address } });
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

/** Begins a request of which a byte comes each second, so that it never has a whole head. */
async function sendSlowly(): Promise<RawConnection> {
  const connection = await RawConnection.open(service.url);
  connection.send("GET /users HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  const drip = setInterval(() => connection.socket.writable && connection.send("a"), 1_000);
  connection.socket.on("close", () => clearInterval(drip));
  return connection;
}

interface Served {
  readonly statuses: readonly number[];
  /** How many responses of the burst came during one call, at most. */
  readonly overtaken: number;
}

/** What somebody is answered who calls ten times a second. */
async function callNowAndThen(address: string, over: AbortSignal): Promise<Served> {
  const agent = new Agent();
  const statuses: number[] = [];
  let overtaken = 0;
  while (!over.aborted) {
    const before = sentMany;
    statuses.push(await statusFor(address, agent));
    overtaken = Math.max(overtaken, sentMany - before);
    await sleep(100);
  }
  return { statuses, overtaken };
}
