import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { GetMessage } from "amqplib";
import { parse } from "yaml";
import { read } from "./repository.js";

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);

interface MessageSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly pattern?: string; readonly maximum?: number }>>;
  readonly examples: readonly object[];
}

const file = "docs/asyncapi.yaml";

/** What orders_service sends, as AsyncAPI. */
export const asyncApi = parse(read(file));

const { payload, headers, contentType, bindings } = asyncApi.components.messages.orderCreated;

/** The JSON Schema of the message's body. */
export const orderCreatedSchema: MessageSchema = JSON.parse(read(join(dirname(file), payload.$ref)));

const validate = ajv.compile(orderCreatedSchema);
const validateHeaders = ajv.compile(headers);

/** What the schema finds wrong with the body of a message. */
export function mistakesInMessage(body: unknown): readonly object[] {
  validate(body);
  return validate.errors ?? [];
}

/** Asserts that a message is as it is documented, if orders_service sent it: tests send others on purpose. */
export function assertDocumentedMessage({ content, properties, fields }: GetMessage): void {
  if (properties.appId !== "orders_service" || properties.headers?.["x-dead-letter-reason"] !== undefined) return;
  const body: unknown = JSON.parse(content.toString());
  assert.deepEqual(mistakesInMessage(body), [], `${content} on ${fields.routingKey} is as the schema says`);
  assert.equal(properties.messageId, Object(body).order_id);

  assert.ok(validateHeaders(properties.headers), ajv.errorsText(validateHeaders.errors));
  const { contentEncoding, messageType } = bindings.amqp;
  const { deliveryMode } = asyncApi.operations.sendOrderCreated.bindings.amqp;
  const documented = { contentType, contentEncoding, type: messageType, deliveryMode };
  for (const [name, value] of Object.entries(documented)) assert.equal(Object(properties)[name], value, name);
  assert.equal(typeof properties.timestamp, "number");
}
