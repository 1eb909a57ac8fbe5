import { fileURLToPath } from "node:url";
import {
  objectIdExample,
  objectIdSchema,
  openApiDocument,
  pageSchema,
} from "@order-flow/common/http/openapi/openapi.js";
import { userCreateSchema, userProperties, userUpdateSchema } from "../schemas/user.js";

const time = { type: "string", format: "date-time", examples: ["2026-11-24T11:24:12.611Z"] };
const { name, email } = userProperties;

const schemas = {
  User: {
    type: "object",
    required: ["id", "name", "email", "created_at", "updated_at"],
    additionalProperties: false,
    properties: { id: objectIdSchema, name, email, created_at: time, updated_at: time },
  },
  UserCreate: userCreateSchema,
  UserUpdate: userUpdateSchema,
  UserPage: pageSchema("User"),
};

const instance = `/users/${objectIdExample}`;

/** The OpenAPI document of this service. */
export const userOpenApi = (withApiKey: boolean): object =>
  openApiDocument({
    title: "user_service",
    description: "Users: create, read, update, delete. Passwords go in and never come out.",
    tag: { name: "users", description: "Users" },
    schemas,
    errors: {
      path: "/users",
      fieldError: { in: "body", field: "/email", message: email["x-message"] },
      problems: {
        NotFound: { status: 404, detail: "No such user.", instance },
        Conflict: { status: 409, detail: "This email address is taken." },
        PreconditionFailed: { status: 412, detail: "The user was changed since; get it again.", instance },
      },
    },
    parameters: {
      Email: {
        name: "email",
        in: "query",
        description: "Only the user with this email address",
        schema: { type: "string", format: "idn-email", examples: ["ada@example.com"] },
      },
      IfMatch: {
        name: "If-Match",
        in: "header",
        description: "Change the user only if it still has this ETag; * for any",
        schema: { type: "string", examples: ['"0"'] },
      },
      IfNoneMatch: {
        name: "If-None-Match",
        in: "header",
        description: "Send the user only if it no longer has this ETag",
        schema: { type: "string", examples: ['"999"'] },
      },
    },
    headers: {
      ETag: { description: "The version of the user", required: true, schema: { type: "string", pattern: '^"\\d+"$' } },
    },
    withApiKey,
    routeFiles: [fileURLToPath(new URL("../routes/user_routes.js", import.meta.url))],
  });
