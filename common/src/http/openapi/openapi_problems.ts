import { isObject } from "../../text/json.js";
import { type FieldError, fieldPlaces, Problem, problemDocument, problemMediaType } from "../errors/problem.js";
import { bodyLimitBytes } from "../middleware/json_body.js";
import { requestIdPattern } from "../middleware/request_id.js";
import { maxErrors } from "../validation/validation.js";

const requestIdExample = "e2f8d5de-364a-4b10-a029-73fe6e770b89";

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
    examples: [requestIdExample],
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

export interface ProblemResponse {
  readonly status: number;
  /** The `detail` of its example, and what the document says of it. */
  readonly detail: string;
  /** The path of its example, where that is not the one of the service's collection. */
  readonly instance?: string;
  readonly extras?: Problem["extras"];
  readonly schema?: keyof typeof problemSchemas;
  readonly headers?: object;
}

/** Errors that any service may end in; where there is no request yet, its path is not known either. */
const commonProblems: Readonly<Record<string, ProblemResponse>> = {
  BadRequest: { status: 400, detail: "The request can't be read." },
  Unauthorized: { status: 401, detail: "Send an API key as Authorization: Bearer <key>.", headers: challenge },
  Timeout: { status: 408, detail: "The request took too long to arrive.", instance: "/" },
  TooLarge: { status: 413, detail: `The body is larger than ${bodyLimitBytes.toLocaleString("en")} bytes.` },
  TooLong: { status: 414, detail: "The path and query are longer than 8000 bytes." },
  NotJson: { status: 415, detail: "The body must be JSON in UTF-8, sent with Content-Type: application/json." },
  TooMany: { status: 429, detail: "At most 600 requests a minute are allowed.", headers: retryAfter },
  HeadTooLarge: { status: 431, detail: "The head of the request is larger than 16384 bytes.", instance: "/" },
  InternalError: { status: 500, detail: "Something went wrong here; the request id finds it in the log." },
  Unavailable: { status: 503, detail: "The database is not reachable.", headers: retryAfter },
  NotReady: {
    status: 503,
    detail: "Waiting for mongodb.",
    instance: "/ready",
    extras: { members: { checks: { mongodb: { status: "down" } } } },
    schema: "NotReady",
    headers: retryAfter,
  },
};

/** 422, with an error that the service may find. */
const invalid = (error: FieldError): ProblemResponse => ({
  status: 422,
  detail: "The request is not valid; see errors.",
  extras: { errors: [error] },
  schema: "Invalid",
});

/** The examples of a service's errors. */
export interface ProblemExamples {
  /** The path of the service's collection. */
  readonly path: string;
  readonly fieldError: FieldError;
  /** Errors of this service alone. */
  readonly problems: Readonly<Record<string, ProblemResponse>>;
}

/** What a call can end in, by names that the comments of routes may use. */
export const problemResponses = ({ path, fieldError, problems }: ProblemExamples): object =>
  Object.fromEntries(
    Object.entries({ ...commonProblems, Invalid: invalid(fieldError), ...problems }).map(([name, problem]) => [
      name,
      {
        description: problem.detail,
        headers: { ...everyHeader, ...problem.headers },
        content: {
          [problemMediaType]: {
            schema: { $ref: `#/components/schemas/${problem.schema ?? "Problem"}` },
            example: exampleOf(problem, path),
          },
        },
      },
    ]),
  );

const exampleOf = ({ status, detail, instance, extras }: ProblemResponse, path: string) =>
  problemDocument(new Problem(status, detail, extras), instance ?? path, requestIdExample);

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
