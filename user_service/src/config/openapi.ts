import { fileURLToPath } from "node:url";
import { objectIdSchema, openApiDocument, pageSchema } from "@order-flow/common/http/openapi.js";
import { userLimits } from "../routes/user_rules.js";

const email = {
  type: "string",
  // The part before the @ may have letters of all alphabets.
  format: "idn-email",
  maxLength: userLimits.emailMax,
  pattern: userLimits.emailPattern,
  description: "Trimmed, NFC and lower case; unique",
  examples: ["ada@example.com"],
};
const name = {
  type: "string",
  minLength: userLimits.nameMin,
  maxLength: userLimits.nameMax,
  pattern: userLimits.namePattern,
  description: "Trimmed; without control or hidden characters",
  examples: ["Ada Lovelace"],
};
const password = {
  type: "string",
  format: "password",
  minLength: userLimits.passwordMin,
  maxLength: userLimits.passwordMaxBytes,
  pattern: userLimits.passwordPattern,
  description: `At most ${userLimits.passwordMaxBytes} bytes of UTF-8; hashed in its NFKC form`,
  examples: ["correct horse battery"],
};
const time = { type: "string", format: "date-time", examples: ["2026-11-24T11:24:12.611Z"] };
const writable = { name, email, password };

const schemas = {
  User: {
    type: "object",
    required: ["id", "name", "email", "created_at", "updated_at"],
    additionalProperties: false,
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
        description: "Only if the user still has this ETag; * for any",
        schema: { type: "string", examples: ['"0"'] },
      },
      IfNoneMatch: {
        name: "If-None-Match",
        in: "header",
        description: "Only if the user no longer has this ETag",
        schema: { type: "string", examples: ['"999"'] },
      },
    },
    headers: {
      ETag: { description: "The version of the user", required: true, schema: { type: "string", pattern: '^"\\d+"$' } },
    },
    withApiKey,
    routeFiles: [fileURLToPath(new URL("../routes/user_routes.js", import.meta.url))],
  });
