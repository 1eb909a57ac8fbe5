import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect } from "amqplib";
import { Fleet } from "../../scripts/chaos/fleet.js";
import { testFolder } from "../../scripts/runtime/servers.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call } from "../support/http.js";
import { accepts, losesNothing } from "./experiment.js";

let fleet: Fleet;

before(async () => {
  fleet = await Fleet.start({ replicas: 1, folder: testFolder("failures_broker") });
});

after(async () => {
  await fleet.remove();
});

const ordersUrl = (path: string) => `${fleet.orders[0]?.url}${path}`;

test("When the broker is stopped and started under load, then every order is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    await fleet.broker.stop();
    await accepts(load, 40);
    await fleet.broker.start();
  }));

test("When the broker is killed under load, then orders are still taken and every one is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    await fleet.broker.kill();
    await accepts(load, 40);
    const ready = await call(ordersUrl("/ready"));
    assert.equal(ready.status, 200);
    await fleet.broker.start();
  }));

test("When the broker is frozen for a while, then orders are still taken and every one is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    await fleet.broker.freeze();
    await accepts(load, 100);
    await fleet.broker.thaw();
  }));

test("When the broker has an alarm, then orders wait in the database and are printed once after it", async (t) => {
  const { ctl } = fleet.broker;
  if (!ctl) return t.skip("this broker can't be told to raise an alarm");
  await losesNothing(t, fleet, async (load) => {
    // Of its memory: RabbitMQ watches no disk in a path with a space. Clients are told of both in the same way.
    await ctl("set_vm_memory_high_watermark", "0.0001");
    await waitUntil(isBlocked, { what: "orders_service is told of the alarm", deadlineMs: 30_000 });
    await accepts(load, 100);
    await ctl("set_vm_memory_high_watermark", "0.4");
  });
});

test("When the queue is deleted under load, then it is there again and every later order is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    // What a deleted queue held is gone with it: so it is emptied first, while the orders stand still.
    const connection = await connect(fleet.broker.url);
    const channel = await connection.createChannel();
    await fleet.orders[0]?.freeze();
    await waitUntil(() => isEmpty(fleet), { what: "the queue is empty", deadlineMs: 30_000 });
    await channel.deleteQueue("orders_queue");
    await fleet.orders[0]?.thaw();
    await connection.close();
    await accepts(load, 40);
  }));

test("When all connections are closed by the broker, then every order is printed once", async (t) => {
  const { ctl } = fleet.broker;
  if (!ctl) return t.skip("this broker can't be told to close connections");
  await losesNothing(t, fleet, async (load) => {
    await ctl("close_all_connections", "a test closes them");
    await accepts(load, 40);
  });
});

async function isBlocked(): Promise<boolean> {
  const { body } = await call(ordersUrl("/ready"));
  return /"rabbitmq":\{"status":"down"/.test(JSON.stringify(body));
}

async function isEmpty({ broker }: Fleet): Promise<boolean> {
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue("orders_queue");
  await connection.close();
  return messageCount === 0;
}
