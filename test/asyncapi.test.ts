import assert from "node:assert/strict";
import { test } from "node:test";
import { variables } from "@order-flow/common/config/variables.js";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { asyncApi } from "./support/documented_message.js";
import { read } from "./support/repository.js";

const readJson = (file: string) => JSON.parse(read(file));

test("When the AsyncAPI document is checked, then it is one, and all that it refers to is there", () => {
  // The schema of AsyncAPI brings the one of JSON Schema along.
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  formats.default(ajv);
  const validate = ajv.compile(readJson("node_modules/@asyncapi/specs/schemas/3.0.0.json"));
  assert.ok(validate(asyncApi), ajv.errorsText(validate.errors));

  const references = [...JSON.stringify(asyncApi).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  assert.ok(references.length > 0);
  for (const [, path = ""] of references) {
    const found = path.split("/").reduce((object, name) => Object(object)[name], asyncApi);
    assert.notEqual(found, undefined, path);
  }
});

test("When the AsyncAPI document names the version and the queue, then they are those of orders_service", () => {
  const { version } = readJson("orders_service/package.json");
  const { address, bindings } = asyncApi.channels.orders;
  assert.equal(asyncApi.info.version, version);
  assert.equal(address, variables.ORDERS_QUEUE.default);
  assert.equal(bindings.amqp.queue.name, address);
});
