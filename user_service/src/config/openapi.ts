import { fileURLToPath } from "node:url";
import { objectIdSchema, openApiDocument, pageSchema } from "@order-flow/common/http/openapi.js";
import { userLimits } from "../routes/user_rules.js";

const email = { type: "string", format: "email", maxLength: userLimits.emailMax, examples: ["ada@example.com"] };
const name = { type: "string", minLength: 1, maxLength: userLimits.nameMax, examples: ["Ada Lovelace"] };
const password = {
  type: "string",
  format: "password",
  minLength: userLimits.passwordMin,
  maxLength: userLimits.passwordMaxBytes,
  description: `At most ${userLimits.passwordMaxBytes} bytes of UTF-8`,
  examples: ["correct horse battery"],
};
const time = { type: "string", format: "date-time" };
const writable = { name, email, password };

const schemas = {
  User: {
    type: "object",
    required: ["id", "name", "email", "created_at", "updated_at"],
    properties: { id: objectIdSchema, name, email, created_at: time, updated_at: time },
  },
  NewUser: {
    type: "object",
    required: ["name", "email", "password"],
    additionalProperties: false,
    properties: writable,
  },
  UserChanges: { type: "object", minProperties: 1, additionalProperties: false, properties: writable },
  UserPage: pageSchema("User"),
};

/** The OpenAPI document of this service. */
export const userOpenApi = (withApiKey: boolean): object =>
  openApiDocument({
    title: "user_service",
    description: "Users: create, read, update, delete. Passwords go in and never come out.",
    tag: { name: "users", description: "The people who order" },
    schemas,
    parameters: {
      IfMatch: {
        name: "If-Match",
        in: "header",
        description: "Only if the user still has this ETag",
        schema: { type: "string" },
      },
    },
    headers: { ETag: { description: "The version of the user", schema: { type: "string" } } },
    withApiKey,
    routeFiles: [fileURLToPath(new URL("../routes/user_routes.js", import.meta.url))],
  });
