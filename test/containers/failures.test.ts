import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "amqplib";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { compose } from "../../scripts/stack/compose.js";
import { brokerUrl, ordersQueue } from "../../scripts/stack/dead_letters.js";
import { assertPrinted, bringUp, placeOrders } from "./system.js";

/** As a person would do it. */
const makeUp = () => execa(process.execPath, [join(root, "build/scripts/up.js")], { all: true });

/** Kills everything in the container but init, which ends then; nobody but Docker starts it again. */
const crash = (service: string) => () => compose("exec", "-T", service, "sh", "-c", "kill -9 -1");

const disturbances = [
  {
    what: "the broker's container is killed",
    disturb: () => compose("kill", "rabbitmq"),
    recover: makeUp,
  },
  { what: "the database's container is killed", disturb: () => compose("kill", "mongodb"), recover: bringUp },
  { what: "orders_service is killed in its container", disturb: crash("orders_service") },
  { what: "notifications_service is killed in its container", disturb: crash("notifications_service") },
  { what: "docker compose restarts everything", disturb: () => compose("restart") },
  { what: "docker compose stops and starts everything", disturb: () => compose("stop"), recover: bringUp },
];

for (const { what, disturb, recover } of disturbances)
  test(`When ${what} while orders are placed, then each accepted one is printed`, async (t) => {
    const load = placeOrders(t);
    await load.acceptsMore(50);

    await disturb();
    await recover?.();
    await load.acceptsMore(50);
    await load.stop();

    await assertPrinted(load);
  });

test("When all containers are replaced while 1,000 messages wait, then each order is printed once", async (t) => {
  await compose("stop", "notifications_service");
  const load = placeOrders(t, 1_000);
  await load.done();
  await waitUntil(async () => (await waiting()) === 1_000, { what: "1,000 messages wait", deadlineMs: 60_000 });

  await compose("down");
  await bringUp();

  assert.equal(load.accepted.size, 1_000);
  await assertPrinted(load);
});

async function waiting(): Promise<number> {
  const connection = await connect(brokerUrl());
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(ordersQueue);
  await connection.close();
  return messageCount;
}
