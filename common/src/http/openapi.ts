import swaggerJsdoc from "swagger-jsdoc";
import { objectIdPattern } from "./object_id.js";
import { pageLimits } from "./page.js";
import { problemMediaType } from "./problem.js";
import { isObject } from "./validation.js";

interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  readonly tag: { readonly name: string; readonly description: string };
  readonly schemas: Readonly<Record<string, object>>;
  /** Parameters and headers of this service alone. */
  readonly parameters?: Readonly<Record<string, object>>;
  readonly headers?: Readonly<Record<string, object>>;
  /** True where a key is wanted: Swagger UI offers to enter it. */
  readonly withApiKey: boolean;
  /** The compiled route files, whose `@openapi` comments describe the paths. */
  readonly routeFiles: readonly string[];
}

/** The OpenAPI 3.1 document of a service: its route comments, and here what all services have in common. */
export function openApiDocument(options: OpenApiOptions): object {
  const { title, description, tag, schemas, parameters, headers, withApiKey, routeFiles } = options;
  const document = swaggerJsdoc({
    definition: {
      openapi: "3.1.0",
      info: { title, description, version: "1.0.0", license: { name: "MIT", identifier: "MIT" } },
      servers: [{ url: "/" }],
      tags: [tag],
      ...(withApiKey && { security: [{ apiKey: [] }] }),
      components: {
        schemas: { ...schemas, Problem: problemSchema },
        parameters: { ...commonParameters, ...parameters },
        headers: { ...commonHeaders, ...headers },
        responses: problemResponses(),
        ...(withApiKey && { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } }),
      },
    },
    apis: [...routeFiles],
    failOnErrors: true,
  });
  addCommonResponses(document, withApiKey);
  return document;
}

/** The schema of a page of `item`. */
export const pageSchema = (item: string): object => ({
  type: "object",
  required: ["data", "next_cursor"],
  properties: {
    data: { type: "array", maxItems: pageLimits.max, items: { $ref: `#/components/schemas/${item}` } },
    next_cursor: { type: ["string", "null"], description: "The cursor of the next page; null on the last one" },
  },
});

export const objectIdSchema = {
  type: "string",
  pattern: objectIdPattern,
  examples: ["65f0c0ffee65f0c0ffee65f0"],
} as const;

const problemSchema = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status", "detail", "instance", "request_id"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    instance: { type: "string", description: "The path that was asked for" },
    request_id: { type: "string" },
    errors: {
      type: "array",
      maxItems: 20,
      items: {
        type: "object",
        required: ["in", "field", "message"],
        properties: {
          in: { enum: ["body", "query", "path", "header"] },
          field: { type: "string", description: "In a body a JSON Pointer, elsewhere the name" },
          message: { type: "string" },
        },
      },
    },
  },
} as const;

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
    description: "The next_cursor of the page before",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]{16}$" },
  },
} as const;

const commonHeaders = {
  Location: { description: "The path of what was created", schema: { type: "string" } },
} as const;

const problems: Readonly<Record<string, string>> = {
  BadRequest: "The request can't be read",
  Unauthorized: "The API key is missing or wrong",
  NotFound: "There is no such thing",
  Timeout: "The request took too long to arrive",
  Conflict: "It is taken",
  PreconditionFailed: "It was changed since (If-Match)",
  TooLarge: "The body is larger than 102,400 bytes",
  NotJson: "The body is not JSON in UTF-8, or its encoding is not known",
  Invalid: "The request can be read but is not valid",
  TooMany: "Too many requests; see Retry-After",
  Failure: "Something went wrong in the service",
  Unavailable: "What the service needs is away; see Retry-After",
};

const problemResponses = (): Record<string, object> =>
  Object.fromEntries(
    Object.entries(problems).map(([name, description]) => [
      name,
      { description, content: { [problemMediaType]: { schema: { $ref: "#/components/schemas/Problem" } } } },
    ]),
  );

const everywhere = { 400: "BadRequest", 422: "Invalid", 429: "TooMany", 500: "Failure", 503: "Unavailable" } as const;
const withBody = { 408: "Timeout", 413: "TooLarge", 415: "NotJson" } as const;

/** Any call can end in these ways; said once here instead of in each comment. */
function addCommonResponses(document: object, withApiKey: boolean): void {
  if (!("paths" in document) || !isObject(document.paths)) return;
  const operations = Object.values(document.paths)
    .filter(isObject)
    .flatMap((path) => Object.values(path))
    .filter(isObject);
  for (const operation of operations) {
    if (!isObject(operation["responses"])) continue;
    const added = {
      ...everywhere,
      ...(withApiKey && { 401: "Unauthorized" }),
      ...(operation["requestBody"] ? withBody : {}),
    };
    for (const [status, name] of Object.entries(added))
      operation["responses"][status] ??= { $ref: `#/components/responses/${name}` };
  }
}
