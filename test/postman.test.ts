import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { orderOpenApi } from "@order-flow/orders_service/config/openapi.js";
import { userOpenApi } from "@order-flow/user_service/config/openapi.js";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { startConsumer } from "./support/processes.js";
import { TestQueue } from "./support/queue.js";
import { startOrdersService, startUserService } from "./support/services.js";

const file = join(root, "scripts/order_flow.postman_collection.json");
const collection = readFileSync(file, "utf8");

test("When a call is documented, then the Postman collection has it", () => {
  const paths = [userOpenApi(false), orderOpenApi(false)].flatMap((document) =>
    Object.entries("paths" in document ? Object(document.paths) : {}),
  );
  const documented = paths.flatMap(([path, methods]) =>
    ["get", "post", "put", "delete"].filter((method) => method in Object(methods)).map((method) => `${method} ${path}`),
  );

  const missing = documented.filter((call) => !calls().has(call));
  assert.deepEqual(missing, []);
  assert.equal(new Set(documented).size, 10);
});

/** Each call of the collection, with `{id}` for whatever stands in place of an id. */
function calls(): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if ("method" in value && "url" in value) {
      const path = String(value.url)
        .replace(/^\{\{\w+\}\}/, "")
        .split("?")[0]
        ?.replace(/\/(\{\{\w+\}\}|0{24})$/, "/{id}");
      found.add(`${String(value.method).toLowerCase()} ${path}`);
    }
    Object.values(value).forEach(visit);
  };
  visit(JSON.parse(collection));
  return found;
}

test("When the collection checks more than a call's status, then the call has that name", () => {
  const checked = [...collection.matchAll(/^ +" {2}(?:'|\\")(.+?)(?:'|\\"): \(\) =>/gm)].map(([, name]) => name);
  assert.equal(checked.length, 12);
  for (const name of checked) assert.ok(collection.includes(`"name": "${name}"`), name);
});

test("When newman runs the collection, then every call is answered as its tests say", async () => {
  const queue = await TestQueue.create();
  const [users, orders, notifications] = await Promise.all([
    startUserService(),
    startOrdersService({ ORDERS_QUEUE: queue.name }),
    startConsumer(queue),
  ]);
  await notifications.answers();
  const urls = { users_url: users.url, orders_url: orders.url, notifications_url: notifications.url };
  const variables = Object.entries(urls).flatMap(([name, url]) => ["--env-var", `${name}=${url}`]);
  const newman = await execa(join(root, "node_modules/.bin/newman"), ["run", file, ...variables, "--color", "off"], {
    all: true,
    reject: false,
  });

  assert.equal(newman.exitCode, 0, newman.all);
});
