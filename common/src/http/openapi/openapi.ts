import { fileURLToPath } from "node:url";
import swaggerJsdoc from "swagger-jsdoc";
import { isObject } from "../../text/json.js";
import type { Problem } from "../errors/problem.js";
import { requestIdPattern } from "../middleware/request_id.js";
import { objectIdExample, objectIdPattern } from "../validation/object_id.js";
import { pageLimits } from "../validation/page.js";
import { completeOperations, namedResponses, type OpenApiDocument } from "./responses.js";
import { commonSchemas, strictObject } from "./schemas.js";

interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  readonly path: `/${string}`;
  readonly problems: Readonly<Record<string, Problem>>;
  /** Components that no other service has. */
  readonly components: Readonly<Record<"schemas" | "responses" | "parameters" | "headers", object>>;
  /** True where a key is wanted: Swagger UI offers to enter it. */
  readonly withApiKey: boolean;
  /** The compiled route file, whose `@openapi` comments describe the paths. */
  readonly routes: URL;
}

/** The OpenAPI 3.1 document of a service: its route comments, and here what all services have in common. */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { title, description, path, problems, components, withApiKey, routes } = options;
  const tag = path.slice(1);
  const document = swaggerJsdoc({
    definition: {
      openapi: "3.1.0",
      info: { title, description, version: "1.0.0", license: { name: "MIT", identifier: "MIT" } },
      servers: [{ url: "./" }],
      tags: [{ name: tag }, { name: "operation", description: "Liveness and readiness" }],
      ...(withApiKey && { security: [{ apiKey: [] }] }),
      components: {
        schemas: { ...components.schemas, ...commonSchemas },
        parameters: { ...commonParameters, ...components.parameters },
        headers: { ...commonHeaders, ...components.headers },
        responses: { ...namedResponses(path, problems), ...components.responses },
        ...(withApiKey && { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } }),
      },
    },
    apis: [routes, new URL("../health.js", import.meta.url)].map((file) => escapeGlob(fileURLToPath(file))),
    failOnErrors: true,
  });
  if (!describes(document, path)) throw new Error(`no @openapi comment describes ${path}`);
  completeOperations(document, tag, withApiKey);
  return document;
}

const describes = (document: object, path: string): document is OpenApiDocument =>
  "paths" in document && isObject(document.paths) && path in document.paths;

/** swagger-jsdoc takes globs, and would find nothing in a folder that is called `[work]`. */
const escapeGlob = (path: string): string => path.replaceAll(/[^\w/.-]/gu, "\\$&");

const cursorExample = "awVz3ElojsWUsSZL";

export const pageSchema = (item: string): object =>
  strictObject({
    data: { type: "array", maxItems: pageLimits.max, items: { $ref: `#/components/schemas/${item}` } },
    next_cursor: {
      type: ["string", "null"],
      pattern: pageLimits.cursorPattern,
      description: "Cursor of the next page; null on the last page",
      examples: [cursorExample],
    },
  });

export const objectIdSchema = { type: "string", pattern: objectIdPattern, examples: [objectIdExample] } as const;

const commonParameters = {
  Id: { name: "id", in: "path", required: true, schema: objectIdSchema },
  Limit: {
    name: "limit",
    in: "query",
    schema: { type: "integer", minimum: pageLimits.min, maximum: pageLimits.max, default: pageLimits.default },
  },
  Cursor: {
    name: "cursor",
    in: "query",
    description: "The next_cursor of the previous page",
    schema: { type: "string", pattern: pageLimits.cursorPattern, examples: [cursorExample] },
  },
} as const;

const commonHeaders = {
  Location: { description: "Path of the created resource", required: true, schema: { type: "string" } },
  "X-Request-Id": {
    description: "The X-Request-Id of the request if it is valid, else a generated one",
    required: true,
    schema: { type: "string", pattern: requestIdPattern },
  },
  "X-Response-Time": {
    description: "Time until the head of the response was sent",
    schema: { type: "string", pattern: "^\\d+\\.\\dms$" },
  },
} as const;
