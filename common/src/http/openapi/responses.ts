import { badRequest, contentTooLarge, internalServerError } from "../errors/errors.js";
import { notFound, Problem, problemDocument, problemMediaType, unavailable } from "../errors/problem.js";
import { notReady } from "../health.js";
import { unsupportedMediaType } from "../middleware/json_body.js";
import { tooManyRequests } from "../middleware/rate_limit.js";
import { unauthorized, uriTooLong } from "../middleware/security.js";
import { headersTooLarge, requestTimeout } from "../server.js";
import { objectIdExample } from "../validation/object_id.js";
import { unprocessableContent } from "../validation/validation.js";
import { requestIdExample } from "./schemas.js";

/** Problems of every operation, of all but probes, of all with a body, and of some. */
const everyOperation = {
  BadRequest: badRequest(),
  Timeout: requestTimeout(),
  TooLong: uriTooLong(),
  HeadTooLarge: headersTooLarge(),
  InternalError: internalServerError(),
};
const apiOperation = {
  TooMany: new Problem(429, tooManyRequests(600).message, { headers: { "Retry-After": "60" } }),
  Unavailable: unavailable("The database did not answer."),
  Invalid: unprocessableContent([]),
};
const withBody = { TooLarge: contentTooLarge(), NotJson: unsupportedMediaType() };
const someOperations = {
  Unauthorized: unauthorized(),
  NotFound: notFound("resource"),
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

/** The responses of all services and of the one at `path`, whose `problems` replace ours of the same names. */
export function namedResponses(path: string, problems: Readonly<Record<string, Problem>>): object {
  const all = Object.entries({ ...everyOperation, ...apiOperation, ...withBody, ...someOperations, ...problems });
  const responses = Object.fromEntries(all.map(([name, problem]) => [name, problemResponse(problem, path)]));
  return { Health: jsonResponse("Alive", "Health"), Ready: jsonResponse("Ready", "Ready"), ...responses };
}

function problemResponse(problem: Problem, path: string): object {
  const { headers = {}, errors, members } = problem.extras;
  const schema = (errors && "Invalid") ?? (members && "NotReady") ?? "Problem";
  const example = problemDocument(problem, examplePath(problem, path), requestIdExample);
  const headerOf = (example: string) => ({ required: true, schema: { type: "string" }, example });
  const own = Object.entries(headers).map(([name, value]) => [name, headerOf(value)]);
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

interface Operation {
  tags?: readonly string[];
  readonly responses: Record<string, { readonly $ref?: string; headers?: object }>;
  readonly requestBody?: object;
  readonly security?: readonly object[];
}

/** The part of a document that is read and changed here. */
export interface OpenApiDocument {
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Record<string, Operation>>>;
}

/** Adds what any operation has and can end in, so that the comments of routes need not. */
export function completeOperations({ paths }: OpenApiDocument, tag: string, withApiKey: boolean): void {
  // A path item has parameters beside its operations.
  for (const [path, item] of Object.entries(paths))
    for (const operation of Object.values(item).filter((member) => "responses" in member)) {
      const { responses, requestBody, security } = operation;
      const isPublic = security?.length === 0;
      const problems = {
        ...everyOperation,
        ...(!isPublic && apiOperation),
        ...(!isPublic && withApiKey && { Unauthorized: someOperations.Unauthorized }),
        ...(path.includes("{") && { NotFound: someOperations.NotFound }),
        ...(requestBody && withBody),
      };
      operation.tags ??= [tag];
      for (const response of Object.values(responses))
        if (!response.$ref) response.headers = { ...everyHeader, ...response.headers };
      for (const [name, { status }] of Object.entries(problems))
        responses[status] ??= { $ref: `#/components/responses/${name}` };
    }
}
