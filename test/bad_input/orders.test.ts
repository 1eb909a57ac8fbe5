import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { call, text } from "../support/http.js";
import { published } from "../support/orders.js";
import { recordingLogger } from "../support/recording_logger.js";
import { startOrdersService } from "../support/services.js";
import { bodyRows } from "./body_rows.js";
import { checkRows } from "./check.js";
import { connectionRows } from "./connection_rows.js";
import { memberRows, numberRows, order, textRows } from "./order_rows.js";
import { queryRows, routeRows } from "./route_rows.js";
import { apiKey, ask, type Row } from "./row.js";

const orders = { path: "/orders", valid: JSON.stringify(order) };

// biome-ignore format: one row a line
const filterRows: readonly Row[] = [
  ["a user_id to filter by that is none", ask("GET /orders?user_id=me"), 422, "query user_id", "must be 24 hex digits"],
  ["an empty user_id to filter by", ask("GET /orders?user_id="), 422, "query user_id", "must be 24 hex digits"],
  ["two user_ids to filter by", ask(`GET /orders?user_id=${order.user_id}&user_id=${order.user_id}`), 422, "query user_id", "must be 24 hex digits"],
  ["a NUL behind a user_id to filter by", ask(`GET /orders?user_id=${order.user_id}%00`), 422, "query user_id", "must be 24 hex digits"],
  ["user_id[$ne]", ask("GET /orders?user_id[$ne]=x"), 422, "query user_id[$ne]", "unknown parameter; allowed: user_id, limit, cursor"],
  ["a filter by something else", ask("GET /orders?currency=EUR"), 422, "query currency", "unknown parameter; allowed: user_id, limit, cursor"],
  ["DELETE for an order", ask("DELETE /orders/{id}"), 405, "", "DELETE is not allowed here."],
  ["PUT for an order", ask("PUT /orders/{id}"), 405, "", "PUT is not allowed here."],
];

const { logger, lines: log } = recordingLogger();

const place = (headers: Readonly<Record<string, string>> = {}) =>
  call(`${service.url}/orders`, {
    method: "POST",
    headers: { Authorization: `Bearer ${apiKey}`, ...headers },
    json: { ...order, items: [...order.items, ...order.items] },
  });

const service = await startOrdersService({ API_KEY: apiKey }, logger);
const id = text((await place({ "Idempotency-Key": "used" })).body, "id");
// Else its row would change while the table is sent.
await published(service, id);

const rows = [
  ...[...connectionRows(orders), ...bodyRows(orders), ...routeRows(orders)],
  ...[...queryRows(orders, "user_id, limit, cursor"), ...filterRows],
  ...[...numberRows, ...textRows, ...memberRows],
];

describe("bad input", () => checkRows(rows, { service, collection: "orders", id, log }));

test("When an order is right after all of them, then it is taken", async () => {
  assert.equal((await place()).status, 201);
});
