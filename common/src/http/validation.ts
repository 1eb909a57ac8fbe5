import type { Request, RequestHandler } from "express";
import { type FieldValidationError, matchedData, type ValidationChain, validationResult } from "express-validator";
import { sendProblem } from "./answer.js";
import type { FieldError } from "./problem.js";

/** What is wrong inside a value: `at` is the JSON Pointer below the field, empty for the field itself. */
export interface Mistake {
  readonly at: string;
  readonly message: string;
}

/** Says what is wrong with a value: a message, mistakes further inside, or undefined where all is well. */
export type Rule = (value: unknown) => string | readonly Mistake[] | undefined;

/** The mistakes that one answer names at most. */
export const mostErrors = 20;

/**
 * Adds `rule` to a chain, and `clean` for the values that follow it. One rule a field, which gets the value as it came:
 * express-validator's own validators turn `["a@b.example"]` into a string first and would let it pass. A rule is quick,
 * and asked again: to stop a chain with `bail` the library throws, which costs as much as ten rules.
 */
export function follows<T>(chain: ValidationChain, rule: Rule, clean?: (value: T) => unknown): ValidationChain {
  const ruled = chain.custom((value) => rule(value) === undefined).withMessage((value) => rule(value));
  return clean ? ruled.customSanitizer((value) => (rule(value) === undefined ? clean(value) : value)) : ruled;
}

interface RequestRules {
  /** The query parameters, path parameters, headers and top-level members of the body that there are. */
  readonly fields: readonly ValidationChain[];
  readonly body?: readonly string[];
  readonly query?: readonly string[];
}

/**
 * Checks a request against all rules and refuses members and parameters that are not known (their own rule checks
 * values further inside). Answers 422 with all mistakes, at most 20. The handler takes the values, cleaned, from
 * `matchedData`.
 */
export function validate({ fields, body, query = [] }: RequestRules): RequestHandler {
  return async (req, res, next) => {
    const errors = [...unknownParameters(req, query), ...(body ? unknownMembers(req.body, body) : [])];
    await Promise.all(fields.map((field) => field.run(req)));
    for (const error of validationResult(req).array()) {
      const inNoObject = error.type === "field" && error.location === "body" && !isObject(req.body);
      if (error.type === "field" && !inNoObject) errors.push(...fieldErrors(error));
    }
    if (errors.length === 0) return next();
    // Not thrown: on its way to the error handler it would be handed to each route that there is.
    const extras = { errors: errors.slice(0, mostErrors) };
    sendProblem(req, res, { status: 422, message: "The request is not valid; see errors.", extras });
  };
}

export { matchedData };

/** The names in `value` that are none of `known`, as mistakes. Own names count, `__proto__` and the like too. */
export function unknownNames(value: object, known: readonly string[]): readonly Mistake[] {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({ at: `/${escapePointer(name)}`, message: `is not known; known are ${known.join(", ")}` }));
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownMembers(body: unknown, known: readonly string[]): FieldError[] {
  if (!isObject(body)) return [{ in: "body", field: "", message: "must be a JSON object" }];
  return unknownNames(body, known).map(({ at, message }) => ({ in: "body", field: at, message }));
}

function unknownParameters(req: Request, known: readonly string[]): FieldError[] {
  return Object.keys(req.query)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      in: "query",
      field: name,
      message: known.length > 0 ? `is not known; known are ${known.join(", ")}` : "is not known; there are none here",
    }));
}

const places = { body: "body", query: "query", params: "path", headers: "header", cookies: "header" } as const;

function fieldErrors({ location, path, msg }: FieldValidationError): FieldError[] {
  const field = location === "headers" ? headerName(path) : location === "body" && path ? `/${path}` : path;
  const mistakes: readonly Mistake[] = typeof msg === "string" ? [{ at: "", message: msg }] : msg;
  return mistakes.map(({ at, message }) => ({ in: places[location], field: `${field}${at}`, message }));
}

/** express-validator has it in small letters, and the documents as people write it. */
const headerName = (name: string): string => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

/** RFC 6901, section 3. */
const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
