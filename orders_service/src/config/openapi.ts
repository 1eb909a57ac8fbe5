import { notFound } from "@order-flow/common/http/errors/problem.js";
import { objectIdSchema, openApiDocument, pageSchema } from "@order-flow/common/http/openapi/openapi.js";
import { jsonResponse, type OpenApiDocument } from "@order-flow/common/http/openapi/responses.js";
import { unprocessableContent } from "@order-flow/common/http/validation/validation.js";
import { idempotencyKeyPattern } from "../routes/orders.js";
import { orderCreateSchema } from "../schemas/order.js";

const time = { type: "string", format: "date-time", examples: ["2026-11-24T11:24:12.954Z"] };

const components = {
  schemas: {
    OrderCreate: orderCreateSchema,
    Order: {
      type: "object",
      required: ["id", "user_id", "items", "currency", "total_cents", "created_at", "published_at"],
      additionalProperties: false,
      properties: {
        id: objectIdSchema,
        ...orderCreateSchema.properties,
        total_cents: { type: "integer", minimum: 0, description: "Computed by the service", examples: [900] },
        created_at: time,
        published_at: {
          ...time,
          type: ["string", "null"],
          description: "When the broker confirmed its message; null until then",
        },
      },
    },
    OrderPage: pageSchema("Order"),
  },
  responses: {
    Order: jsonResponse("The order", "Order"),
    OrderPlaced: jsonResponse("The order is stored", "Order", "Location", "Idempotency-Replayed"),
    OrderPage: jsonResponse("A page of orders", "OrderPage"),
  },
  parameters: {
    UserId: { name: "user_id", in: "query", description: "Only this user's orders", schema: objectIdSchema },
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      description: "Makes the call safe to repeat",
      schema: { type: "string", pattern: idempotencyKeyPattern, examples: ["my-first-order"] },
    },
  },
  headers: {
    "Idempotency-Replayed": {
      description: "true if the order existed already",
      schema: { type: "string", enum: ["true"] },
    },
  },
};

export const orderOpenApi = (withApiKey: boolean): OpenApiDocument =>
  openApiDocument({
    title: "orders_service",
    description: "Takes orders, stores them, and puts a message on the queue for each.",
    path: "/orders",
    components,
    problems: {
      Invalid: unprocessableContent([
        { in: "body", field: "/items/0/quantity", message: "must be an integer from 1 to 1000000" },
      ]),
      NotFound: notFound("order"),
    },
    withApiKey,
    routes: new URL("../routes/orders.js", import.meta.url),
  });
