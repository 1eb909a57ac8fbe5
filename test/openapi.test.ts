import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { describe, test } from "node:test";
import { orderOpenApi } from "@order-flow/orders_service/config/openapi.js";
import { userOpenApi } from "@order-flow/user_service/config/openapi.js";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Types } from "mongoose";
import { escaped } from "./support/api_document.js";
import { documentOf } from "./support/documented.js";
import { exampleAt, examplesOf } from "./support/examples.js";
import { type Answer, call, member, text } from "./support/http.js";
import { routesOf } from "./support/routes.js";
import { startOrdersService, startUserService } from "./support/services.js";

const services = [
  { name: "user_service", collection: "users", openApi: userOpenApi, start: startUserService },
  { name: "orders_service", collection: "orders", openApi: orderOpenApi, start: startOrdersService },
] as const;

const post = (url: string, json: unknown) => call(url, { method: "POST", json });
const someId = "65f0c0ffee65f0c0ffee65f0";

/** Calls that end in an error, by the name of its documented response. */
const failing: Readonly<Record<string, Readonly<Record<string, (url: string) => Promise<Answer>>>>> = {
  user_service: {
    NotFound: (url) => call(`${url}/${someId}`),
    Conflict: (url) => post(url, { name: "Ada", email: "taken@example.com", password: "correct horse" }),
    PreconditionFailed: (url) => call(`${url}/${someId}`, { method: "DELETE", headers: { "If-Match": '"7"' } }),
    Invalid: (url) => post(url, { name: "Ada", email: "ada", password: "correct horse" }),
  },
  orders_service: {
    NotFound: (url) => call(`${url}/${someId}`),
    Invalid: (url) => post(url, { user_id: someId, items: [{ sku: "TEA", quantity: 0, unit_price_cents: 1 }] }),
    TooLarge: (url) => post(url, "x".repeat(102_400)),
    TooLong: (url) => call(`${url}?${"x".repeat(8_000)}`),
    NotJson: (url) => call(url, { method: "POST", body: "{}", headers: { "Content-Type": "text/plain" } }),
  },
};

/** Routes that are there for the documentation itself, and for Prometheus. */
const notDocumented = / \/(openapi\.json|metrics|docs)$/;

for (const { name, collection, openApi, start } of services) {
  const service = await start();
  describe(name, () => {
    const document = documentOf(name);
    const paths = document.namesAt("/paths");
    const operations = paths.flatMap((path) => {
      const methods = document.namesAt(`/paths/${escaped(path)}`).filter((method) => method !== "parameters");
      return methods.map((method) => ({ method, path, pointer: `/paths/${escaped(path)}/${method}` }));
    });
    /** Sends the documented examples of a call. */
    const send = ({ method, path, pointer }: (typeof operations)[number], id = "") => {
      const { query, headers, body } = examplesOf(document, pointer);
      const url = `${service.url}${path.replace("{id}", id)}?${new URLSearchParams(query)}`;
      return call(url, { method: method.toUpperCase(), headers, json: body });
    };

    for (const withApiKey of [true, false])
      test(`When there is ${withApiKey ? "an" : "no"} API key, then the document is valid OpenAPI 3.1`, async () => {
        const validator = new Validator();
        const { valid, errors } = await validator.validate({ ...openApi(withApiKey) });

        assert.ok(valid, JSON.stringify(errors));
        assert.equal(validator.version, "3.1");
      });

    test("When the document is asked for, then it is that one, and speaks of no key where there is none", async () => {
      const { body } = await call(`${service.url}/openapi.json`);

      assert.deepEqual(body, JSON.parse(JSON.stringify(openApi(false))));
      assert.doesNotMatch(JSON.stringify(body), /apiKey|"401"/);
    });

    test("When the app has a route, then it is documented, and every documented one is there", () => {
      const documented = operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`);
      const routes = routesOf(service.app).filter((route) => !notDocumented.test(route));

      assert.deepEqual(routes.sort(), documented.sort());
    });

    for (const path of paths)
      test(`When ${path} is called by another method, then Allow names those that are documented`, async () => {
        const answer = await call(`${service.url}${path.replace("{id}", "0".repeat(24))}`, { method: "PROPFIND" });
        const documented = operations.filter((operation) => operation.path === path);
        const methods = documented.map(({ method }) => method.toUpperCase());

        assert.equal(answer.status, 405);
        assert.deepEqual(answer.headers.get("Allow")?.split(", ").sort(), ["HEAD", ...methods].sort());
      });

    for (const schema of document.namesAt("/components/schemas"))
      test(`When the schema ${schema} has an example, then it is valid`, () => {
        const pointer = `/components/schemas/${schema}`;
        document.assertValid(pointer, exampleAt(document, pointer), "its example");
      });

    const problem = `content/${escaped("application/problem+json")}`;

    for (const { method, path, pointer } of operations)
      test(`When ${method} ${path} ends in an error, then the example of that is the same error`, () => {
        for (const status of document.namesAt(`${pointer}/responses`).filter((name) => Number(name) >= 400)) {
          const example = document.at(`${pointer}/responses/${status}/${problem}/example`);

          document.assertValid(`${pointer}/responses/${status}/${problem}/schema`, example, `the example of ${status}`);
          assert.equal(member(example, "status"), Number(status));
          assert.equal(member(example, "title"), STATUS_CODES[status]);
        }
      });

    for (const [response, fail] of Object.entries(failing[name] ?? {}))
      test(`When a call ends in ${response}, then the response is its example`, async () => {
        const rows = service.database.connection.collection(collection);
        await rows.deleteMany({});
        if (response === "Conflict") await rows.insertOne({ email: "taken@example.com" });
        const user = { name: "Ada", email: "ada@example.com", created_at: new Date(), updated_at: new Date() };
        if (response === "PreconditionFailed")
          await rows.insertOne({ _id: new Types.ObjectId(someId), __v: 0, ...user });
        const { body } = await fail(`${service.url}/${collection}`);
        const example = document.at(`/components/responses/${response}/${problem}/example`);

        assert.deepEqual({ ...Object(body), request_id: member(example, "request_id") }, example);
      });

    for (const operation of operations)
      test(`When the examples of ${operation.method} ${operation.path} are sent, then they are taken`, async () => {
        const create = operations.find(({ method, path }) => method === "post" && path === `/${collection}`);
        assert.ok(create);
        await service.database.connection.collection(collection).deleteMany({});
        const id = operation === create ? "" : text((await send(create)).body, "id");
        const answer = await send(operation, id);
        const documented = document.namesAt(`${operation.pointer}/responses`);

        assert.deepEqual(
          [`${answer.status}`],
          documented.filter((status) => status.startsWith("2")),
        );
      });
  });
}
