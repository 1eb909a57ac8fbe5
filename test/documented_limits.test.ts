import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { documentOf } from "./support/documented.js";
import { type Answer, call, text } from "./support/http.js";
import { item, newOrder } from "./support/orders.js";
import { startOrdersService, startUserService } from "./support/services.js";

const [users, orders] = await Promise.all([startUserService(), startOrdersService()]);
const createUser = (changes: object) => {
  const json = { name: "Ada", email: `${randomUUID()}@example.com`, password: "correct horse battery", ...changes };
  return call(`${users.url}/users`, { method: "POST", json });
};
const userId = text((await createUser({})).body, "id");
const changeUser = (json: object) => call(`${users.url}/users/${userId}`, { method: "PUT", json });
const place = (changes: object, headers = {}) =>
  call(`${orders.url}/orders`, { method: "POST", json: newOrder(changes), headers });
const placeItem = (changes: object) => place({ items: [item(changes)] });
const list = (query: Record<string, string>) => call(`${orders.url}/orders?${new URLSearchParams(query)}`);

/** On both sides of the length of everything that has one, and some that a pattern may be about. */
const lengths = [0, 1, 3, 4, 7, 8, 15, 16, 17, 23, 24, 25, 63, 64, 65, 71, 72, 73, 99, 100, 101, 255, 256];
// biome-ignore format: by what they are
const texts = [
  ...lengths.map((length) => "A".repeat(length)), " ", " A ", "a b c d e", "USD", "usd", "US1", "a.b_c-1.2", "../../a",
  "g".repeat(24), "0".repeat(24), "AbCdEf-_AbCdEf12", "AbCdEf+/AbCdEf12", "naïve 中文", "नमस्ते", "A\u200dbcdefgh",
  "A\u200bbcdefgh", "A\u202ebcdefgh", "\u200d", "A\nbcdefgh", "A\u0000bcdefgh",
];
const numbers = [-1, 0, 1, 2, 0.5, 999_999, 1_000_000, 1_000_001, 89_999_999, 90_000_000, 90_000_001];
const lists = [0, 1, 2, 99, 100, 101].map((count) => Array(count).fill(item()));
/** What fetch sends as it is. */
const keys = texts.filter((text) => /^[ -~]*$/.test(text) && text === text.trim());
const itemSchema = "schemas/OrderCreate/properties/items/items/properties";

type Case = readonly [service: "user_service" | "orders_service", schema: string, probes: readonly unknown[], Send];
type Send = (value: unknown) => Promise<Answer>;

/** A documented schema, values that it may allow or not, and a way to send one. */
const cases: readonly Case[] = [
  ["user_service", "schemas/UserUpdate/properties/name", texts, (name) => changeUser({ name })],
  ["user_service", "schemas/UserCreate/properties/password", texts, (password) => createUser({ password })],
  ["orders_service", "schemas/OrderCreate/properties/user_id", texts, (user_id) => place({ user_id })],
  ["orders_service", "schemas/OrderCreate/properties/currency", texts, (currency) => place({ currency })],
  ["orders_service", "schemas/OrderCreate/properties/items", lists, (items) => place({ items })],
  ["orders_service", `${itemSchema}/sku`, texts, (sku) => placeItem({ sku })],
  ["orders_service", `${itemSchema}/quantity`, numbers, (quantity) => placeItem({ quantity })],
  ["orders_service", `${itemSchema}/unit_price_cents`, numbers, (price) => placeItem({ unit_price_cents: price })],
  ["orders_service", "parameters/Limit/schema", [-1, 0, 1, 50, 99, 100, 101], (limit) => list({ limit: `${limit}` })],
  ["orders_service", "parameters/Cursor/schema", texts, (cursor) => list({ cursor: `${cursor}` })],
  ["orders_service", "parameters/UserId/schema", texts, (user_id) => list({ user_id: `${user_id}` })],
  ["orders_service", "parameters/IdempotencyKey/schema", keys, (key) => place({}, { "Idempotency-Key": key })],
];

for (const [service, schema, probes, send] of cases)
  test(`When a value is sent, then ${service} takes what ${schema} allows, and nothing else`, async () => {
    const document = documentOf(service);
    for (const probe of probes) {
      const mistakes = document.mistakesIn(`/components/${schema}`, probe);
      const answer = await send(probe);

      const isTaken = answer.status === 200 || answer.status === 201;
      assert.ok(isTaken || answer.status === 422);
      const what = `${JSON.stringify(probe)}: ${answer.status}, ${JSON.stringify(mistakes)}`;
      assert.equal(isTaken, mistakes.length === 0, what);
    }
  });

/** An address of so many characters; its parts have lengths of their own that are never passed. */
function emailOf(length: number): string {
  const domain = `${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.com`;
  const local = randomUUID().padEnd(64, "x");
  return `${local}@${domain}`.length <= length
    ? `${local}@${"a".repeat(length - `${local}@.${domain}`.length)}.${domain}`
    : `${local}@${domain.slice(-(length - local.length - 1))}`;
}

test("When an email is as long as is documented, then it is taken, and one that is longer is not", async () => {
  const max = Number(documentOf("user_service").at("/components/schemas/UserCreate/properties/email/maxLength"));

  assert.equal(emailOf(max).length, max);
  assert.equal((await createUser({ email: emailOf(max) })).status, 201);
  assert.equal((await createUser({ email: emailOf(max + 1) })).status, 422);
});
