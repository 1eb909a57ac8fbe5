import { jsonSchemaBody } from "@order-flow/common/http/validation/json_schema_body.js";
import { objectIdExample, objectIdMessage, objectIdPattern } from "@order-flow/common/http/validation/object_id.js";
import { isObject } from "@order-flow/common/text/json.js";
import type { FromSchema } from "json-schema-to-ts";

/** The limits keep a total below 2^53. */
const orderItemSchema = {
  type: "object",
  required: ["sku", "quantity", "unit_price_cents"],
  additionalProperties: false,
  properties: {
    sku: {
      type: "string",
      pattern: "^[A-Za-z0-9._-]{1,64}$",
      maxLength: 64,
      examples: ["TEA-250"],
      "x-message": "must be 1 to 64 of A-Z a-z 0-9 . _ -",
    },
    quantity: { type: "integer", minimum: 1, maximum: 1_000_000, examples: [2] },
    unit_price_cents: { type: "integer", minimum: 0, maximum: 90_000_000, examples: [450] },
  },
} as const;

/** The body of `POST /orders`: OpenAPI shows it, the check and `OrderCreate` are made of it. */
export const orderCreateSchema = {
  type: "object",
  required: ["user_id", "items"],
  additionalProperties: false,
  properties: {
    user_id: {
      type: "string",
      pattern: objectIdPattern,
      maxLength: 24,
      description: "The id of a user; not looked up here",
      examples: [objectIdExample],
      "x-message": objectIdMessage,
    },
    items: { type: "array", minItems: 1, maxItems: 100, items: orderItemSchema },
    currency: {
      type: "string",
      pattern: "^[A-Z]{3}$",
      maxLength: 3,
      default: "USD",
      examples: ["USD"],
      "x-message": "must be three capital letters, such as USD",
    },
  },
} as const;

/** What a client orders, checked and with its defaults. */
export type OrderCreate = FromSchema<typeof orderCreateSchema>;

/** One spelling for an id, since bodies that mean the same must be the same. */
function normalize(body: unknown): unknown {
  if (!isObject(body) || typeof body["user_id"] !== "string") return body;
  return { ...body, user_id: body["user_id"].toLowerCase() };
}

export const orderCreateBody = jsonSchemaBody<OrderCreate>(orderCreateSchema, normalize);
