import { fileURLToPath } from "node:url";
import { objectIdSchema, openApiDocument, pageSchema } from "@order-flow/common/http/openapi.js";
import { orderLimits } from "../routes/order_rules.js";

const userId = { ...objectIdSchema, description: "The id of a user; not looked up here" };
const currency = { type: "string", pattern: orderLimits.currencyPattern, examples: ["USD"] };
const items = {
  type: "array",
  minItems: orderLimits.itemsMin,
  maxItems: orderLimits.itemsMax,
  items: { $ref: "#/components/schemas/OrderItem" },
};
const time = { type: "string", format: "date-time", examples: ["2026-11-24T11:24:12.954Z"] };

const schemas = {
  OrderItem: {
    type: "object",
    required: ["sku", "quantity", "unit_price_cents"],
    additionalProperties: false,
    properties: {
      sku: { type: "string", pattern: orderLimits.skuPattern, examples: ["TEA-250"] },
      quantity: { type: "integer", minimum: orderLimits.quantityMin, maximum: orderLimits.quantityMax, examples: [2] },
      unit_price_cents: {
        type: "integer",
        minimum: orderLimits.unitPriceCentsMin,
        maximum: orderLimits.unitPriceCentsMax,
        examples: [450],
      },
    },
  },
  NewOrder: {
    type: "object",
    required: ["user_id", "items"],
    additionalProperties: false,
    properties: { user_id: userId, items, currency: { ...currency, default: orderLimits.currencyDefault } },
  },
  Order: {
    type: "object",
    required: ["id", "user_id", "items", "currency", "total_cents", "created_at", "published_at"],
    additionalProperties: false,
    properties: {
      id: objectIdSchema,
      user_id: userId,
      items,
      currency,
      total_cents: { type: "integer", minimum: 0, description: "Computed here", examples: [900] },
      created_at: time,
      published_at: {
        type: ["string", "null"],
        format: "date-time",
        description: "When the broker had confirmed it",
        examples: ["2026-11-24T11:24:12.965Z"],
      },
    },
  },
  OrderPage: pageSchema("Order"),
};

/** The OpenAPI document of this service. */
export const orderOpenApi = (withApiKey: boolean): object =>
  openApiDocument({
    title: "orders_service",
    description: "Takes orders, stores them, and puts a message on the queue for each.",
    tag: { name: "orders", description: "What people order" },
    schemas,
    parameters: {
      UserId: { name: "user_id", in: "query", description: "Only this user's orders", schema: objectIdSchema },
      IdempotencyKey: {
        name: "Idempotency-Key",
        in: "header",
        description: "Makes the call safe to repeat",
        schema: { type: "string", pattern: orderLimits.idempotencyKeyPattern, examples: ["my-first-order"] },
      },
    },
    headers: {
      IdempotencyReplayed: {
        description: "true: the order was there already",
        schema: { type: "string", enum: ["true"] },
      },
    },
    withApiKey,
    routeFiles: [fileURLToPath(new URL("../routes/orders.js", import.meta.url))],
  });
