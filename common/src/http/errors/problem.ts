import { STATUS_CODES } from "node:http";

export const fieldPlaces = ["body", "query", "path", "header"] as const;

/** One mistake in a request. In a body `field` is a JSON Pointer (RFC 6901), elsewhere the parameter's name. */
export interface FieldError {
  readonly in: (typeof fieldPlaces)[number];
  readonly field: string;
  readonly message: string;
}

interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members added to the problem document (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An error that a client is told about: thrown where it is known, sent as a problem document (RFC 9457). */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly extras: ProblemExtras;

  constructor(status: number, detail: string, extras: ProblemExtras = {}) {
    // Where it was thrown interests nobody, and to find out costs more than to check the request.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.extras = extras;
  }
}

/** For a thing that is not (or no longer) there. Each function that makes a problem has the name of its status. */
export const notFound = (what: string): Problem => new Problem(404, `No such ${what}.`);

/** The client may try again after a second. */
export const unavailable = (detail: string) => new Problem(503, detail, { headers: { "Retry-After": "1" } });

/** The document that goes out for `problem`; `instance` is the path that was asked for. */
export function problemDocument(problem: Problem, instance: string, requestId: string) {
  const { errors, members } = problem.extras;
  return {
    type: "about:blank",
    title: STATUS_CODES[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    instance,
    request_id: requestId,
    ...(errors && { errors }),
    ...members,
  };
}

export const problemMediaType = "application/problem+json";
