import assert from "node:assert/strict";
import { test } from "node:test";
import { loginOf } from "../../scripts/stack/compose.js";
import { portOf } from "../../scripts/stack/settings.js";
import { runScript } from "../support/scripts.js";

test("When make test-flow runs against the containers, then an order becomes a notification", async () => {
  const { all, exitCode } = await runScript("test_flow");
  assert.equal(exitCode, 0, all);
  assert.match(all, /✔ New order received: [0-9a-f]{24}/);
});

test("When somebody opens RabbitMQ's management page on this machine, then it is there", async () => {
  const login = Buffer.from(`${loginOf("RABBITMQ_USER")}:${loginOf("RABBITMQ_PASSWORD")}`).toString("base64");
  const url = `http://127.0.0.1:${portOf("RABBITMQ_MANAGEMENT_PORT")}/api/queues/%2F/orders_queue`;
  const response = await fetch(url, { headers: { Authorization: `Basic ${login}` } });
  assert.equal(response.status, 200);
});
