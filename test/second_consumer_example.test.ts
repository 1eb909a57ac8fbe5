import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { afterAll } from "./support/cleanup.js";
import { text } from "./support/http.js";
import { item, newOrder, place, published } from "./support/orders.js";
import { TestQueue } from "./support/queue.js";
import { startOrdersService, testServers, uniqueName } from "./support/services.js";

const { rabbitmq } = testServers();
const exchange = uniqueName("exchange");

/** Runs the documented consumer while `work` happens, and returns the lines that it prints, until there are `count`. */
async function printed(count: number, work: () => Promise<unknown>): Promise<readonly unknown[]> {
  const env = { RABBITMQ_URL: rabbitmq, ORDERS_EXCHANGE: exchange };
  const consumer = execa("node", [join(root, "docs/examples/order_totals.mjs")], { env, reject: false, all: true });
  afterAll(async () => consumer.kill());
  const lines: unknown[] = [];
  for await (const line of consumer.iterable({ from: "all" })) {
    if (String(line).startsWith("Waiting")) await work();
    else if (lines.push(line) === count) consumer.kill();
  }
  return lines;
}

test("When the example of a second consumer runs, then it prints each order, also those placed while it was away", async () => {
  const orders = await startOrdersService({ ORDERS_EXCHANGE: exchange });
  const queue = await TestQueue.open(rabbitmq, "order_totals");
  afterAll(async () => {
    await queue.channel.deleteExchange(exchange);
    await queue.remove();
  });
  const placed = async (unit_price_cents: number) => {
    const id = text((await place(orders, newOrder({ items: [item({ unit_price_cents })] }))).body, "id");
    await published(orders, id);
    return `${id} ${(2 * unit_price_cents) / 100} USD`;
  };
  const expected: string[] = [];
  const whilePresent = await printed(1, async () => expected.push(await placed(450)));
  expected.push(await placed(1999));
  const whileAway = await printed(1, async () => {});

  assert.deepEqual([...whilePresent, ...whileAway], expected);
});
