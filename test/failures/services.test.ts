import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Cluster } from "../../scripts/chaos/cluster.js";
import type { RestartableService } from "../../scripts/chaos/restartable_service.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../support/cleanup.js";
import { call, text } from "../support/http.js";
import { newOrder } from "../support/orders.js";
import { TestQueue } from "../support/queue.js";
import { uniqueName } from "../support/services.js";
import { expectAtLeastOnce, expectNoLoss } from "./experiment.js";

const cluster = await Cluster.start({ replicas: 2, folder: testFolder("failures_services") });
afterAll(() => cluster.remove());

const turn = (processes: readonly RestartableService[], number: number): RestartableService =>
  processes[number % processes.length] ?? assert.fail("no process");

test("When orders_service is killed again and again, then every accepted order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    for (let kills = 0; kills < 8; kills += 1) {
      await load.acceptsMore(7 * kills);
      await turn(cluster.orders, kills).kill();
      await turn(cluster.orders, kills).start();
    }
  }));

test("When notifications_service is killed again and again, then every order is printed, twice only if announced", (t) =>
  expectAtLeastOnce(t, cluster, async (load) => {
    for (let kills = 0; kills < 8; kills += 1) {
      await load.acceptsMore(7 * kills);
      await turn(cluster.notifications, kills).kill();
      await turn(cluster.notifications, kills).start();
    }
  }));

test("When two of each service are killed at once, then every order is printed, twice only if announced", (t) =>
  expectAtLeastOnce(t, cluster, async (load) => {
    for (let kills = 0; kills < 4; kills += 1) {
      await load.acceptsMore(10 + 7 * kills);
      await Promise.all(cluster.services.map((service) => service.kill()));
      await Promise.all(cluster.services.map((service) => service.start()));
    }
  }));

test("When each service is stopped with SIGTERM under load and started again, then every order is printed once", (t) =>
  expectNoLoss(t, cluster, async (load) => {
    for (const service of cluster.services) {
      await load.acceptsMore(20);
      await service.stop();
      await service.start();
    }
  }));

test("When two of each service run side by side, then they share the work and print every order once", async (t) => {
  const before = cluster.notifications.map(printedBy);
  await expectNoLoss(t, cluster, (load) => load.acceptsMore(500));

  for (const [index, service] of cluster.notifications.entries())
    assert.ok(printedBy(service) > (before[index] ?? 0), `${service.name} printed some`);
});

/** How many lines all lives of the service have printed. */
const printedBy = ({ outLogs }: RestartableService): number =>
  outLogs.map((file) => readFileSync(file, "utf8").split("\n").length - 1).reduce((sum, lines) => sum + lines, 0);

test("When one key comes 50 times at once under load, then it makes one order, which is printed once", async (t) => {
  const headers = { "Idempotency-Key": uniqueName("key") };
  const ids = new Set<string>();
  await expectNoLoss(t, cluster, async () => {
    const calls = Array.from({ length: 50 }, (_, index) =>
      call(`${turn(cluster.orders, index).url}/orders`, { method: "POST", headers, json: newOrder() }),
    );
    for (const { status, body } of await Promise.all(calls)) {
      assert.equal(status, 201);
      ids.add(text(body, "id"));
    }
    const printed = () => cluster.printed.read() > 0 && [...ids].every((id) => cluster.printed.times(id) > 0);
    await waitUntil(printed, { what: "the order is printed", deadlineMs: 10_000 });
  });

  const times = [...ids].map((id) => cluster.printed.times(id));
  assert.deepEqual(times, [1]);
});

/** RabbitMQ 4 takes no message over 16 MiB. */
const poison = [Buffer.from("{ this is no JSON"), Buffer.alloc(0), Buffer.alloc(15_000_000, "x")];

test("When poison comes under load (bad JSON, nothing, 15 MB), then it is put aside and every order is printed once", async (t) => {
  const queue = await TestQueue.create(cluster.broker.url, "orders_queue");
  await expectNoLoss(t, cluster, async (load) => {
    await queue.publish(poison);
    await load.acceptsMore(40);
    await queue.holds(poison.length, queue.deadLetters);
  });

  const letters = await Promise.all(poison.map(() => queue.deadLetter()));
  const sizes = letters.map(({ content }) => content.length).sort((a, b) => a - b);
  assert.deepEqual(sizes, [0, 17, 15_000_000]);
});
