import assert from "node:assert/strict";
import { test } from "node:test";
import { execa } from "execa";
import { freePort } from "../../scripts/runtime/free_port.js";
import { root } from "../../scripts/runtime/paths.js";
import { assertPrinted, placeOrders } from "./system.js";

/** The first of two free ports that stand side by side. */
async function twoPorts(): Promise<number> {
  for (let port = await freePort(); ; ) {
    const first = port;
    port = await freePort();
    if (port === first + 1) return first;
  }
}

test("When two of each are asked for with --scale, then both take orders, and each order is printed once", async (t) => {
  const [orders, notifications] = [await twoPorts(), await twoPorts()];
  const env = {
    ORDERS_PORT: `${orders}-${orders + 1}`,
    NOTIFICATIONS_PORT: `${notifications}-${notifications + 1}`,
  };
  const scale = ["--scale", "orders_service=2", "--scale", "notifications_service=2"];
  await execa("docker", ["compose", "up", "-d", "--wait", ...scale], { cwd: root, env, all: true });

  const load = placeOrders(
    t,
    200,
    [orders, orders + 1].map((port) => `http://127.0.0.1:${port}`),
  );
  await load.done();

  await assertPrinted(load);
  assert.equal(load.retries, 0);
});
