import type { Request, RequestHandler } from "express";
import { body, type FieldValidationError, matchedData, type ValidationChain } from "express-validator";
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

/** What `rule` found wrong with a value, in the value's place. */
class Refused {
  readonly mistakes: string | readonly Mistake[];

  constructor(mistakes: string | readonly Mistake[]) {
    this.mistakes = mistakes;
  }
}

/**
 * Adds `rule` to a chain, and `clean` for the values that follow it. One rule a field, which gets the value as it came:
 * express-validator's own validators turn `["a@b.example"]` into a string first and would let it pass.
 */
export function follows<T>(chain: ValidationChain, rule: Rule, clean?: (value: T) => unknown): ValidationChain {
  if (!clean) return chain.custom((value) => rule(value) === undefined).withMessage((value) => rule(value));
  // The rule is asked once, by the sanitizer. To stop a chain with `bail` the library throws, which costs far more.
  const cleanOrRefuse = (value: T) => {
    const mistakes = rule(value);
    return mistakes === undefined ? clean(value) : new Refused(mistakes);
  };
  return chain
    .customSanitizer(cleanOrRefuse)
    .custom((value) => !(value instanceof Refused))
    .withMessage((refused: Refused) => refused.mistakes);
}

/** What the value of a member must be, what is made of one that is, and what stands for one that is left out. */
export interface Member {
  readonly rule: Rule;
  // biome-ignore lint/suspicious/noExplicitAny: it gets what follows the rule, of which the compiler knows nothing.
  readonly clean?: (value: any) => unknown;
  readonly default?: unknown;
}

export type Members = Readonly<Record<string, Member>>;

/**
 * The rule of a body that is a JSON object of `members`, and no others; `req.body` is then that object, cleaned. One
 * chain for all of it: express-validator takes longer for each than the rules do.
 */
export const jsonObject = (members: Members): ValidationChain =>
  follows(body(), (value) => (isObject(value) ? objectMistakes(value, members) : notAnObject), cleaner(members));

/** As `jsonObject`, but members may be left out; not all of them. */
export function partOfJsonObject(members: Members): ValidationChain {
  const names = Object.keys(members);
  const part = (object: object) =>
    Object.fromEntries(Object.entries(members).filter(([name]) => Object.hasOwn(object, name)));
  const rule: Rule = (value) => {
    if (!isObject(value)) return notAnObject;
    if (names.some((name) => Object.hasOwn(value, name))) return objectMistakes(value, part(value), names);
    return [...unknownNames(value, names), { at: "", message: `must have at least one of ${names.join(", ")}` }];
  };
  return follows(body(), rule, (object: Record<string, unknown>) => cleaner(part(object))(object));
}

const notAnObject = "must be a JSON object";

/** What is wrong with the members of an object, names that are none of `known` among it; undefined where all is well. */
export function objectMistakes(
  object: Readonly<Record<string, unknown>>,
  members: Members,
  known: readonly string[] = Object.keys(members),
): readonly Mistake[] | undefined {
  const wrong = Object.entries(members).flatMap(([name, member]) => {
    const found = member.rule(memberOf(object, name, member)) ?? [];
    const mistakes = typeof found === "string" ? [{ at: "", message: found }] : found;
    return mistakes.map(({ at, message }) => ({ at: `/${name}${at}`, message }));
  });
  const mistakes = [...unknownNames(object, known), ...wrong];
  return mistakes.length > 0 ? mistakes : undefined;
}

const cleaner = (members: Members) => (object: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(members).map(([name, member]) => {
      const value = memberOf(object, name, member);
      return [name, member.clean ? member.clean(value) : value];
    }),
  );

const memberOf = (object: Readonly<Record<string, unknown>>, name: string, member: Member): unknown =>
  Object.hasOwn(object, name) ? object[name] : member.default;

interface RequestRules {
  /** The query parameters, path parameters, headers and the body that there are. */
  readonly fields: readonly ValidationChain[];
  readonly query?: readonly string[];
}

/**
 * Checks a request against all rules and refuses query parameters that are not known. Answers 422 with all mistakes, at
 * most 20. The handler takes the values, cleaned, from `matchedData` and `req.body`.
 */
export function validate({ fields, query = [] }: RequestRules): RequestHandler {
  return async (req, res, next) => {
    const results = await Promise.all(fields.map((field) => field.run(req)));
    const found = results.flatMap((result) => result.array());
    const errors = [
      ...unknownParameters(req, query),
      ...found.flatMap((error) => (error.type === "field" ? fieldErrors(error) : [])),
    ];
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
  const field = location === "headers" ? headerName(path) : path;
  const mistakes: readonly Mistake[] = typeof msg === "string" ? [{ at: "", message: msg }] : msg;
  return mistakes.map(({ at, message }) => ({ in: places[location], field: `${field}${at}`, message }));
}

/** express-validator has it in small letters, and the documents as people write it. */
const headerName = (name: string): string => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

/** RFC 6901, section 3. */
const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
