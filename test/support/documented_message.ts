import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { GetMessage } from "amqplib";
import { root } from "../../scripts/runtime/paths.js";

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);

interface MessageSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly pattern?: string; readonly maximum?: number }>>;
  readonly examples: readonly object[];
}

/** The JSON Schema of the message's body. */
export const orderCreatedSchema: MessageSchema = JSON.parse(
  readFileSync(join(root, "orders_service/order_created.schema.json"), "utf8"),
);

const validate = ajv.compile(orderCreatedSchema);

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
}
