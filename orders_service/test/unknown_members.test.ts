import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call } from "../../test/support/http.js";
import { assertRefused, item, newOrder, rows, someUser } from "../../test/support/orders.js";
import { mistakenFields } from "../../test/support/problem.js";
import { type RunningOrders, startOrdersService } from "../../test/support/services.js";

let service: RunningOrders;

before(async () => {
  service = await startOrdersService();
});

after(async () => {
  await service.stop();
});

/** Spelled out, since `{ __proto__: 1 }` is no own member in JavaScript while it is one in JSON. */
const orderWith = (name: string) =>
  `{${JSON.stringify(name)}:{"a":1},"user_id":"${someUser}","items":[${JSON.stringify(item())}]}`;
const itemWith = (name: string) => `{${JSON.stringify(name)}:1,"sku":"A","quantity":1,"unit_price_cents":1}`;

const ofPrototypes = ["__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__"];
const ofRows = ["_id", "id", "total_cents", "created_at", "published_at", "outbox", "idempotency"];
const ofOperators = ["$set", "$where", "user_id.$ne", "items[0]", "items.0.sku"];

for (const name of [...ofPrototypes, ...ofRows, ...ofOperators, "role", "", "User_id"])
  test(`When an order has the unknown member "${name}", then it is refused for it`, () =>
    assertRefused(service, orderWith(name), [`/${name}`]));

for (const name of [...ofPrototypes, "_id", "$inc", "price", "Sku"])
  test(`When an item has the unknown member "${name}", then the order is refused for it`, () => {
    const body = `{"user_id":"${someUser}","items":[${JSON.stringify(item())},${itemWith(name)}]}`;
    return assertRefused(service, body, [`/items/1/${name}`]);
  });

test("When the name of an unknown member has / and ~, then the pointer escapes them", () =>
  assertRefused(service, orderWith("a/b~c"), ["/a~1b~0c"]));

test("When all that is needed comes in __proto__, then the order is refused", () =>
  assertRefused(service, `{"__proto__":${JSON.stringify(newOrder())}}`, ["/__proto__", "/user_id", "/items"]));

test("When all that an item needs comes in its __proto__, then the order is refused", () => {
  const members = ["__proto__", "sku", "quantity", "unit_price_cents"];
  const body = `{"user_id":"${someUser}","items":[{"__proto__":${JSON.stringify(item())}}]}`;
  return assertRefused(
    service,
    body,
    members.map((name) => `/items/0/${name}`),
  );
});

for (const body of ["[]", `[${JSON.stringify(newOrder())}]`])
  test(`When the body is the array ${body.slice(0, 12)}, then it is refused as a whole`, () =>
    assertRefused(service, body, [""]));

for (const name of ["role", "__proto__", "user_id", "limit[$gt]"])
  test(`When an order is placed with the query parameter ${name}, then it is refused for it`, async () => {
    const before = await rows(service).countDocuments();
    const answer = await call(`${service.url}/orders?${name}=1`, { method: "POST", json: newOrder() });

    assert.equal(answer.status, 422);
    assert.deepEqual(mistakenFields(answer.body), [name]);
    assert.equal(await rows(service).countDocuments(), before);
  });

for (const name of ["role", "__proto__", "toString", "limit[$gt]", "user_id[$ne]", "skip"])
  test(`When orders are listed with the query parameter ${name}, then it is refused`, async () => {
    const answer = await call(`${service.url}/orders?${name}=1`);

    assert.equal(answer.status, 422);
    assert.deepEqual(mistakenFields(answer.body), [name]);
  });
