import { isObject } from "../../text/json.js";
import { fieldPlaces, problemMediaType } from "../errors/problem.js";
import { bodyLimitBytes } from "../middleware/json_body.js";
import { requestIdPattern } from "../middleware/request_id.js";
import { maxErrors } from "../validation/validation.js";

const members = {
  type: { type: "string", const: "about:blank" },
  title: { type: "string", description: "What the status means", examples: ["Unprocessable Entity"] },
  status: { type: "integer", minimum: 400, maximum: 599, examples: [422] },
  detail: { type: "string", description: "What is wrong", examples: ["The request is not valid; see errors."] },
  instance: { type: "string", format: "uri-reference", description: "The path asked for", examples: ["/orders"] },
  request_id: {
    type: "string",
    pattern: requestIdPattern,
    description: "Finds the request in the log",
    examples: ["e2f8d5de-364a-4b10-a029-73fe6e770b89"],
  },
} as const;

const errors = {
  type: "array",
  minItems: 1,
  maxItems: maxErrors,
  items: {
    type: "object",
    required: ["in", "field", "message"],
    additionalProperties: false,
    properties: {
      in: { type: "string", enum: fieldPlaces },
      field: {
        type: "string",
        description: "In a body a JSON Pointer, elsewhere the name",
        examples: ["/items/0/quantity"],
      },
      message: {
        type: "string",
        description: "What would be right",
        examples: ["must be an integer from 1 to 1000000"],
      },
    },
  },
} as const;

const problem = (description: string, more: object = {}) => ({
  type: "object",
  description,
  required: [...Object.keys(members), ...Object.keys(more)],
  additionalProperties: false,
  properties: { ...members, ...more },
});

/** Each is an RFC 9457 problem document. */
export const problemSchemas = {
  Problem: problem("RFC 9457"),
  Invalid: problem(`RFC 9457, and what is wrong: all of it, but ${maxErrors} mistakes at most`, { errors }),
  NotReady: problem("RFC 9457, and how each dependency is", { checks: { $ref: "#/components/schemas/Checks" } }),
};

/** On every response; the time is not on what is refused before there is a request. */
const everyHeader = {
  "X-Request-Id": { $ref: "#/components/headers/RequestId" },
  "X-Response-Time": { $ref: "#/components/headers/ResponseTime" },
} as const;

const retryAfter = { "Retry-After": { required: true, schema: { type: "string", pattern: "^\\d+$" } } };
const challenge = { "WWW-Authenticate": { required: true, schema: { type: "string", const: "Bearer" } } };

interface ProblemResponse {
  readonly description: string;
  readonly schema?: keyof typeof problemSchemas;
  readonly headers?: object;
}

const problems: Readonly<Record<string, ProblemResponse>> = {
  BadRequest: { description: "The request can't be read" },
  Unauthorized: { description: "The API key is missing or wrong", headers: challenge },
  NotFound: { description: "There is no such thing" },
  Timeout: { description: "The request took too long to arrive" },
  Conflict: { description: "It is taken" },
  PreconditionFailed: { description: "It was changed since (If-Match)" },
  TooLarge: { description: `The body is larger than ${bodyLimitBytes.toLocaleString("en")} bytes` },
  TooLong: { description: "The path and the query are too long" },
  NotJson: { description: "The body is not JSON in UTF-8, or its encoding is not known" },
  Invalid: { description: "Something in the request is not valid; `errors` says what", schema: "Invalid" },
  TooMany: { description: "Too many requests from this address", headers: retryAfter },
  HeadTooLarge: { description: "The head of the request is too large" },
  InternalError: { description: "Something went wrong here" },
  Unavailable: { description: "The database is away, or too many requests wait; try again", headers: retryAfter },
  NotReady: { description: "Something that the service needs is away", schema: "NotReady", headers: retryAfter },
};

/** What a call can end in, by names that the comments of routes may use. */
export const problemResponses = (): object =>
  Object.fromEntries(
    Object.entries(problems).map(([name, { description, schema = "Problem", headers }]) => [
      name,
      {
        description,
        headers: { ...everyHeader, ...headers },
        content: { [problemMediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } },
      },
    ]),
  );

const everywhere = {
  400: "BadRequest",
  408: "Timeout",
  414: "TooLong",
  431: "HeadTooLarge",
  500: "InternalError",
} as const;
const behindTheKey = { 422: "Invalid", 429: "TooMany", 503: "Unavailable" } as const;
const withBody = { 413: "TooLarge", 415: "NotJson" } as const;

/** Adds what any call can end in, and what any response has; said once here instead of in each comment. */
export function addCommonResponses(document: object, withApiKey: boolean): void {
  for (const operation of operationsOf(document)) {
    const { responses, requestBody, security } = operation;
    if (!isObject(responses)) continue;
    const isOpen = Array.isArray(security) && security.length === 0;
    const added = {
      ...everywhere,
      ...(isOpen ? {} : behindTheKey),
      ...(withApiKey && !isOpen && { 401: "Unauthorized" }),
      ...(requestBody ? withBody : {}),
    };
    for (const response of Object.values(responses).filter(isObject))
      if (!("$ref" in response)) response["headers"] = { ...everyHeader, ...Object(response["headers"]) };
    for (const [status, name] of Object.entries(added))
      responses[status] ??= { $ref: `#/components/responses/${name}` };
  }
}

function operationsOf(document: object): readonly Record<string, unknown>[] {
  if (!("paths" in document) || !isObject(document.paths)) return [];
  const paths = Object.values(document.paths).filter(isObject);
  return paths.flatMap((path) => Object.values(path)).filter(isObject);
}
