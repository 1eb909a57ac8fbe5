import { notFound } from "@order-flow/common/http/errors/problem.js";
import { objectIdSchema, openApiDocument, pageSchema } from "@order-flow/common/http/openapi/openapi.js";
import { jsonResponse, type OpenApiDocument } from "@order-flow/common/http/openapi/responses.js";
import { strictObject } from "@order-flow/common/http/openapi/schemas.js";
import { unprocessableContent } from "@order-flow/common/http/validation/validation.js";
import { userCreateSchema, userProperties, userUpdateSchema } from "../schemas/user.js";
import { conflict, preconditionFailed } from "../services/user_service.js";

const time = { type: "string", format: "date-time", examples: ["2026-11-24T11:24:12.611Z"] };
const { name, email } = userProperties;

const components = {
  schemas: {
    User: strictObject({ id: objectIdSchema, name, email, created_at: time, updated_at: time }),
    UserCreate: userCreateSchema,
    UserUpdate: userUpdateSchema,
    UserPage: pageSchema("User"),
  },
  responses: {
    User: jsonResponse("The user", "User", "ETag"),
    UserCreated: jsonResponse("The user was created", "User", "Location", "ETag"),
    UserPage: jsonResponse("A page of users", "UserPage"),
  },
  parameters: {
    IfMatch: {
      name: "If-Match",
      in: "header",
      description: "Change the user only if it still has this ETag; * for any",
      schema: { type: "string", examples: ['"0"'] },
    },
  },
  headers: {
    ETag: { description: "The version of the user", required: true, schema: { type: "string", pattern: '^"\\d+"$' } },
  },
};

export function userOpenApi(withApiKey: boolean): OpenApiDocument {
  const document = openApiDocument({
    title: "user_service",
    description: "Users: create, read, update, delete. Passwords go in and never come out.",
    path: "/users",
    components,
    problems: {
      Invalid: unprocessableContent([{ in: "body", field: "/email", message: email["x-message"] }]),
      NotFound: notFound("user"),
      Conflict: conflict(),
      PreconditionFailed: preconditionFailed(),
    },
    withApiKey,
    routes: new URL("../routes/user_routes.js", import.meta.url),
  });
  const item = document.paths["/users/{id}"];
  const patch = item?.["put"] && { patch: { ...item["put"], operationId: "patchUser" } };
  return { ...document, paths: { ...document.paths, "/users/{id}": { ...item, ...patch } } };
}
