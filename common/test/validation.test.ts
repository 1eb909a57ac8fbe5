import assert from "node:assert/strict";
import { test } from "node:test";
import { errorHandler } from "@order-flow/common/http/errors/errors.js";
import { jsonSchemaBody } from "@order-flow/common/http/validation/json_schema_body.js";
import { validate } from "@order-flow/common/http/validation/validation.js";
import { isObject } from "@order-flow/common/text/json.js";
import { orderCreateBody } from "@order-flow/orders_service/schemas/order.js";
import { userCreateBody } from "@order-flow/user_service/schemas/user.js";
import express from "express";
import { matchedData, query, type ValidationChain } from "express-validator";
import { type Answer, call, member } from "../../test/support/http.js";
import { serve } from "../../test/support/listening.js";
import { mistakenFields } from "../../test/support/problem.js";
import { quietLogger } from "../../test/support/recording_logger.js";

/** Says what a handler behind `validate` gets, or the mistakes that `validate` found. */
async function ask(path: string, json?: string): Promise<Answer> {
  const options =
    json === undefined ? {} : { method: "POST", body: json, headers: { "Content-Type": "application/json" } };
  return call(url + path, options);
}

const text = { type: "string", maxLength: 20, "x-message": "must be a string" } as const;
const properties = {
  name: text,
  list: {
    type: "array",
    minItems: 1,
    maxItems: 3,
    items: {
      type: "object",
      additionalProperties: false,
      properties: { "a/b": { type: "integer", minimum: 1, maximum: 2 } },
    },
  },
  kind: { ...text, default: "none" },
};
const trimName = (body: unknown) =>
  isObject(body) && typeof body["name"] === "string" ? { ...body, name: body["name"].trim() } : body;
const whole = jsonSchemaBody<object>(
  { type: "object", required: ["name"], additionalProperties: false, properties },
  trimName,
);
const part = jsonSchemaBody<object>(
  { type: "object", minProperties: 1, additionalProperties: false, properties: { name: text, list: properties.list } },
  trimName,
);
const q = () => query("q", "must be a string").optional().isString();

const app = express();
app.use(express.json({ strict: false }));
app.post("/", validate([whole.chain, q()], ["q"]), (req, res) => {
  res.json({ ...whole.validated(req), ...matchedData(req, { locations: ["query"] }) });
});
app.post("/part", validate([part.chain]), (req, res) => {
  res.json(part.validated(req));
});
app.get("/", validate([]), (_req, res) => {
  res.json({});
});
app.use(errorHandler(quietLogger()));
const { url } = await serve(app);

const found = ({ status, body }: Answer): unknown => [status, status === 200 ? body : member(body, "errors")];

test("When a request follows its rules, then the handler gets the values that rules are for", async () => {
  assert.deepEqual(found(await ask("/?q=x", '{"name":" a "}')), [200, { name: "a", kind: "none", q: "x" }]);
});

test("When part of an object is wanted, then the members that are there are checked and cleaned, and one must be", async () => {
  const none = { in: "body", field: "", message: "must have at least one of name, list" };
  const unknown = { in: "body", field: "/role", message: "unknown field; allowed: name, list" };

  assert.deepEqual(found(await ask("/part", '{"name":" a "}')), [200, { name: "a" }]);
  assert.deepEqual(found(await ask("/part", "{}")), [422, [none]]);
  assert.deepEqual(found(await ask("/part", '{"role":1}')), [422, [unknown]]);
  assert.deepEqual(found(await ask("/part", '{"role":1,"list":[{}]}')), [422, [unknown]]);
  assert.deepEqual(found(await ask("/part", '{"name":null}')), [
    422,
    [{ in: "body", field: "/name", message: "must be a string" }],
  ]);
});

test("When a value is an array of one, then its rule sees that, and not the one in it", async () => {
  const mistake = { in: "body", field: "/name", message: "must be a string" };

  assert.deepEqual(found(await ask("/", '{"name":["a"]}')), [422, [mistake]]);
  const inQuery = { in: "query", field: "q", message: "must be a string" };
  assert.deepEqual(found(await ask("/?q=a&q=b", '{"name":"a"}')), [422, [inQuery]]);
});

test("When something inside a value is wrong, then each error has its own pointer", async () => {
  const message = "must be an integer from 1 to 2";
  const at = (index: number) => ({ in: "body", field: `/list/${index}/a~1b`, message });

  assert.deepEqual(found(await ask("/", '{"name":"a","list":[{"a/b":"1"},{"a/b":3},{}]}')), [422, [at(0), at(1)]]);
});

const unknown: readonly [string, string][] = [
  ["role", "/role"],
  ["_id", "/_id"],
  ["__proto__", "/__proto__"],
  ["constructor", "/constructor"],
  ["toString", "/toString"],
  ["Name", "/Name"],
  ["$where", "/$where"],
  ["a/b~c", "/a~1b~0c"],
  ["", "/"],
];
for (const [name, pointer] of unknown)
  test(`When a body has the unknown member ${JSON.stringify(name)}, then it is refused as ${pointer}`, async () => {
    const answer = await ask("/", `{"name":"a",${JSON.stringify(name)}:{"a":1}}`);
    const message = "unknown field; allowed: name, list, kind";

    assert.deepEqual(found(answer), [422, [{ in: "body", field: pointer, message }]]);
  });

for (const [parameter, name] of [
  ["role=1", "role"],
  ["q[$gt]=1", "q[$gt]"],
  ["__proto__=1", "__proto__"],
  ["__proto__[a]=1", "__proto__[a]"],
  ["Q=1", "Q"],
] as const)
  test(`When a query has the unknown parameter ${parameter}, then it is refused`, async () => {
    const answer = await ask(`/?${parameter}`, '{"name":"a"}');

    assert.deepEqual(found(answer), [422, [{ in: "query", field: name, message: "unknown parameter; allowed: q" }]]);
  });

test("When there are no parameters at all, then each is refused, and that is said", async () => {
  const mistake = { in: "query", field: "a", message: "unknown parameter; allowed: none" };

  assert.deepEqual(found(await ask("/?a=1")), [422, [mistake]]);
});

test("When a body is no object, then that is the only mistake of it", async () => {
  for (const json of ["[]", "null", "1", '"name"'])
    assert.deepEqual(found(await ask("/", json)), [422, [{ in: "body", field: "", message: "must be a JSON object" }]]);
});

test("When there are many mistakes, then all are told at once, and 20 at most", async () => {
  const two = await ask("/?x=1", '{"role":1}');
  const many = await ask("/", JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, i]))));

  assert.deepEqual(mistakenFields(two.body), ["x", "/role", "/name"]);
  assert.equal(mistakenFields(many.body).length, 20);
});

test("When an object inherits a member, then that does not stand for one of its own", async () => {
  const body = jsonSchemaBody<object>({ type: "object", required: ["toString"], properties: { toString: text } });
  const [error] = (await body.chain.run({ body: {} })).array();

  assert.deepEqual(error?.msg, [{ in: "body", field: "/toString", message: "must be a string" }]);
});

test("When a schema has no message of its own, then what is wrong is said all the same, lone surrogates included", async () => {
  const members = { note: { type: "string", minLength: 1, maxLength: 9 }, gift: { type: "boolean" } };
  const body = jsonSchemaBody<object>({ type: "object", properties: members });
  const messages = async (value: object) => {
    const [error] = (await body.chain.run({ body: value })).array();
    return error?.msg.map(({ message }: { message: string }) => message);
  };

  for (const note of ["", "ten letters", 1, "\ud83d"])
    assert.deepEqual(await messages({ note }), ["must be a string of 1 to 9 characters"], JSON.stringify(note));
  assert.deepEqual(await messages({ gift: "yes" }), ["must be of type boolean"]);
});

/** Processor time that it takes to refuse a body, in milliseconds: the least of several, since others use the machine. */
async function costOf(chain: ValidationChain, body: object): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    assert.equal((await chain.run({ body })).isEmpty(), false);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1_000);
  }
  return Math.min(...costs);
}

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const order = { user_id: "0".repeat(24), items: [{ sku: "TEA", quantity: 1, unit_price_cents: 1 }] };
const hundredKb = "a ".repeat(50_000);
const costly: readonly [string, ValidationChain, object][] = [
  ["a name of 100 kB", userCreateBody.chain, { ...ada, name: hundredKb }],
  ["a name of 100 kB with a hidden end", userCreateBody.chain, { ...ada, name: `${hundredKb}\u200b` }],
  ["an email of 100 kB", userCreateBody.chain, { ...ada, email: `${"a.".repeat(50_000)}@example.com` }],
  ["an email of 50,000 accents", userCreateBody.chain, { ...ada, email: `a@${"\u0323\u0302".repeat(25_000)}.com` }],
  ["an email of 100 kB in its xn-- form", userCreateBody.chain, { ...ada, email: `a@xn--${"a9".repeat(49_000)}.com` }],
  ["a password of 100 kB", userCreateBody.chain, { ...ada, password: hundredKb }],
  ["a sku of 100 kB", orderCreateBody.chain, { ...order, items: [{ ...order.items[0], sku: hundredKb }] }],
  ["34,000 empty items", orderCreateBody.chain, { ...order, items: Array(34_000).fill({}) }],
  [
    "12,000 unknown names",
    orderCreateBody.chain,
    { ...order, ...Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`f${index}`, 1])) },
  ],
];
for (const [what, chain, body] of costly)
  test(`When a body has ${what}, then it is refused in under 20 ms`, async () => {
    assert.ok((await costOf(chain, body)) < 20);
  });
