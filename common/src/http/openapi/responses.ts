import { isObject } from "../../text/json.js";
import { bodyTooLarge, internalError, unreadableRequest } from "../errors/errors.js";
import { fieldPlaces, Problem, problemDocument, problemMediaType, unavailable } from "../errors/problem.js";
import { notReady } from "../health.js";
import { notJson } from "../middleware/json_body.js";
import { tooManyRequests } from "../middleware/rate_limit.js";
import { requestIdPattern } from "../middleware/request_id.js";
import { unauthorized, urlTooLong } from "../middleware/security.js";
import { headTooLarge, requestTimeout } from "../server.js";
import { objectIdExample } from "../validation/object_id.js";
import { maxErrors } from "../validation/validation.js";

const requestIdExample = "e2f8d5de-364a-4b10-a029-73fe6e770b89";

const text = (description: string, example: string, more: object = {}) => ({
  type: "string",
  description,
  examples: [example],
  ...more,
});

const members = {
  type: { type: "string", const: "about:blank" },
  title: text("What the status means", "Unprocessable Entity"),
  status: { type: "integer", minimum: 400, maximum: 599, examples: [422] },
  detail: text("What is wrong", "The request is not valid; see errors."),
  instance: text("The path asked for", "/orders", { format: "uri-reference" }),
  request_id: text("Finds the request in the log", requestIdExample, { pattern: requestIdPattern }),
};

const fieldError = {
  type: "object",
  required: ["in", "field", "message"],
  additionalProperties: false,
  properties: {
    in: { type: "string", enum: fieldPlaces },
    field: text("In a body a JSON Pointer, elsewhere the name", "/items/0/quantity"),
    message: text("What would be right", "must be an integer from 1 to 1000000"),
  },
};

/** A problem document (RFC 9457) with `more` members. */
const problemSchema = (more: object = {}) => ({
  type: "object",
  required: Object.keys({ ...members, ...more }),
  additionalProperties: false,
  properties: { ...members, ...more },
});

export const problemSchemas = {
  Problem: problemSchema(),
  Invalid: problemSchema({ errors: { type: "array", minItems: 1, maxItems: maxErrors, items: fieldError } }),
  NotReady: problemSchema({ checks: { $ref: "#/components/schemas/Checks" } }),
};

/** Problems that any service may send, as examples of their responses. */
const commonProblems: Readonly<Record<string, Problem>> = {
  BadRequest: unreadableRequest(),
  Unauthorized: unauthorized(),
  Timeout: requestTimeout(),
  TooLarge: bodyTooLarge(),
  TooLong: urlTooLong(),
  NotJson: notJson(),
  TooMany: new Problem(429, tooManyRequests(600).message, { headers: { "Retry-After": "60" } }),
  HeadTooLarge: headTooLarge(),
  InternalError: internalError(),
  Unavailable: unavailable("The database is not reachable."),
  NotReady: notReady("Waiting for mongodb.", { mongodb: { status: "down" } }),
};

const headerRefs = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const everyHeader = headerRefs("X-Request-Id", "X-Response-Time");

/** A response with `schema` in JSON, and the headers of those names in `components`. */
export const jsonResponse = (description: string, schema: string, ...headers: readonly string[]): object => ({
  description,
  headers: { ...everyHeader, ...headerRefs(...headers) },
  content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
});

/** The responses of all services and of one, whose collection is at `path`; comments of routes refer to their names. */
export const problemResponses = (path: string, problems: Readonly<Record<string, Problem>>): object =>
  Object.fromEntries(
    Object.entries({ ...commonProblems, ...problems }).map(([name, problem]) => [name, problemResponse(problem, path)]),
  );

function problemResponse(problem: Problem, path: string): object {
  const { headers = {}, errors, members: others } = problem.extras;
  const schema = (errors && "Invalid") ?? (others && "NotReady") ?? "Problem";
  const example = problemDocument(problem, examplePath(problem, path), requestIdExample);
  const own = Object.entries(headers).map(([name, value]) => [
    name,
    { required: true, schema: { type: "string" }, example: value },
  ]);
  return {
    description: problem.message,
    headers: { ...everyHeader, ...Object.fromEntries(own) },
    content: { [problemMediaType]: { schema: { $ref: `#/components/schemas/${schema}` }, example } },
  };
}

/** Before there is a request its path is not known. */
function examplePath({ status, extras }: Problem, path: string): string {
  if (extras.members) return "/ready";
  if (status === 408 || status === 431) return "/";
  return status === 404 || status === 412 ? `${path}/${objectIdExample}` : path;
}

const everywhere = {
  400: "BadRequest",
  408: "Timeout",
  414: "TooLong",
  431: "HeadTooLarge",
  500: "InternalError",
} as const;
const behindTheKey = { 422: "Invalid", 429: "TooMany", 503: "Unavailable" } as const;
const withBody = { 413: "TooLarge", 415: "NotJson" } as const;

interface Operation {
  tags?: readonly string[];
  readonly responses: Record<string, unknown>;
  readonly requestBody?: object;
  readonly security?: readonly object[];
}

/** What is read and changed of a document here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Record<string, Operation>>>;
}

/** Adds what any operation has and can end in, so that the comments of routes need not. */
export function completeOperations({ paths }: OpenApiDocument, tag: string, withApiKey: boolean): void {
  // A path item has parameters beside its operations.
  for (const [path, item] of Object.entries(paths))
    for (const operation of Object.values(item).filter((member) => "responses" in member)) {
      const { responses, requestBody, security } = operation;
      const isOpen = security?.length === 0;
      const names = {
        ...everywhere,
        ...(!isOpen && behindTheKey),
        ...(withApiKey && !isOpen && { 401: "Unauthorized" }),
        ...(path.includes("{") && { 404: "NotFound" }),
        ...(requestBody && withBody),
      };
      operation.tags ??= [tag];
      for (const response of Object.values(responses).filter(isObject))
        if (!("$ref" in response)) response["headers"] = { ...everyHeader, ...Object(response["headers"]) };
      for (const [status, name] of Object.entries(names))
        responses[status] ??= { $ref: `#/components/responses/${name}` };
    }
}
