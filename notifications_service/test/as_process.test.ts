import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "../../test/support/http.js";
import { place } from "../../test/support/orders.js";
import { ServiceProcess } from "../../test/support/processes.js";
import { databaseUri, startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

test("When notifications_service runs as a process, then it prints the orders that orders_service takes", async () => {
  const settings = { ORDERS_QUEUE: uniqueName("orders"), RABBITMQ_URL: testServers().rabbitmq };
  const MONGODB_URI = databaseUri(uniqueName("notifications"));
  const service = await ServiceProcess.start("notifications_service", { ...settings, MONGODB_URI });
  await service.answers();
  const orders = await startOrdersService(settings);
  const [first, second] = [text((await place(orders)).body, "id"), text((await place(orders)).body, "id")];
  const lines = `New order received: ${first}\nNew order received: ${second}\n`;
  await service.prints(lines);

  assert.deepEqual(await service.end(), { code: 0, signal: null });
});
