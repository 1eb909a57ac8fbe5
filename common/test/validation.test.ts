import assert from "node:assert/strict";
import { test } from "node:test";
import { listen, listeningPort, stopServer } from "@order-flow/common/http/server.js";
import {
  follows,
  jsonObject,
  partOfJsonObject,
  type Rule,
  unknownNames,
  validate,
} from "@order-flow/common/http/validation.js";
import express, { type RequestHandler } from "express";
import { matchedData, query } from "express-validator";
import { afterAll } from "../../test/support/cleanup.js";
import { type Answer, call, member } from "../../test/support/http.js";
import { mistakenFields } from "../../test/support/problem.js";

/** Says what a handler behind `validate` gets, or the mistakes that `validate` found. */
async function ask(path: string, json?: string): Promise<Answer> {
  const { port } = await server;
  const options =
    json === undefined ? {} : { method: "POST", body: json, headers: { "Content-Type": "application/json" } };
  return call(`http://127.0.0.1:${port}${path}`, options);
}

const wanted: Rule = (value) => (typeof value === "string" ? undefined : "must be a string");
const inside: Rule = (value) =>
  Array.isArray(value) ? value.map((_, index) => ({ at: `/${index}/a~1b`, message: "is wrong" })) : undefined;

const members = {
  name: { rule: wanted, clean: (name: string) => name.trim() },
  list: { rule: inside, default: "none" },
};
const q = () => follows(query("q").optional(), wanted);

const server = start();

async function start() {
  const app = express();
  const echo: RequestHandler = (req, res) => {
    res.json({ ...matchedData(req, { locations: ["query"] }), ...req.body });
  };
  app.use(express.json({ strict: false }));
  app.post("/", validate({ fields: [jsonObject(members), q()], query: ["q"] }), echo);
  app.post("/part", validate({ fields: [partOfJsonObject(members)] }), echo);
  app.get("/", validate({ fields: [] }), echo);
  const listening = await listen(app, 0);
  afterAll(() => stopServer(listening, 0));
  return { port: listeningPort(listening) };
}

const found = ({ status, body }: Answer): unknown => [status, status === 200 ? body : member(body, "errors")];

test("When a request follows its rules, then the handler gets the values that rules are for", async () => {
  assert.deepEqual(found(await ask("/?q=x", '{"name":" a "}')), [200, { name: "a", list: "none", q: "x" }]);
});

test("When part of an object is wanted, then the members that are there are checked and cleaned, and one must be", async () => {
  const none = { in: "body", field: "", message: "must have at least one of name, list" };
  const unknown = { in: "body", field: "/role", message: "is not known; known are name, list" };

  assert.deepEqual(found(await ask("/part", '{"name":" a "}')), [200, { name: "a" }]);
  assert.deepEqual(found(await ask("/part", "{}")), [422, [none]]);
  assert.deepEqual(found(await ask("/part", '{"role":1}')), [422, [unknown, none]]);
  assert.deepEqual(found(await ask("/part", '{"role":1,"list":"x"}')), [422, [unknown]]);
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

test("When a rule finds mistakes inside a value, then each has its own pointer", async () => {
  const at = (index: number) => ({ in: "body", field: `/list/${index}/a~1b`, message: "is wrong" });

  assert.deepEqual(found(await ask("/", '{"name":"a","list":[1,2]}')), [422, [at(0), at(1)]]);
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
    const message = "is not known; known are name, list";

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

    assert.deepEqual(found(answer), [422, [{ in: "query", field: name, message: "is not known; known are q" }]]);
  });

test("When there are no parameters at all, then each is refused, and that is said", async () => {
  const mistake = { in: "query", field: "a", message: "is not known; there are none here" };

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

test("When the names of an object are looked at, then its own count, and those that it inherits do not", () => {
  const made: unknown = JSON.parse('{"__proto__":1,"a":2}');

  assert.deepEqual(unknownNames(Object(made), ["a"]), [{ at: "/__proto__", message: "is not known; known are a" }]);
  assert.deepEqual(unknownNames({ a: 1 }, ["a", "b"]), []);
  assert.deepEqual(unknownNames({}, []), []);
});
