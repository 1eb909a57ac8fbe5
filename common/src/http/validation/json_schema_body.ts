import { Ajv2020, type AnySchemaObject, type ErrorObject, type SchemaObject } from "ajv/dist/2020.js";
import type { Request } from "express";
import { body } from "express-validator";
import isEmail from "validator/lib/isEmail.js";
import type { FieldError } from "../errors/problem.js";
import { maxErrors } from "./validation.js";

/** A pattern that matches only what is well-formed: a lone surrogate is half of a character. */
function wellFormedRegExp(pattern: string, flags: string) {
  const expression = new RegExp(pattern, flags);
  // A subclass of RegExp would have a slow `test`. Ajv tells patterns apart by their text.
  return { test: (text: string) => text.isWellFormed() && expression.test(text), toString: () => String(expression) };
}

/** Matches everything: a string that has it is checked by `wellFormedRegExp` alone. */
const anyPattern = "^";

const ajv = new Ajv2020({
  allErrors: true,
  ownProperties: true,
  useDefaults: true,
  verbose: true,
  strictTypes: false,
  // OpenAPI's names for an address that is not ASCII alone, and for what is not shown.
  formats: { "idn-email": (text) => text.isWellFormed() && isEmail.default(text), password: true },
  code: { regExp: Object.assign(wellFormedRegExp, { code: "wellFormedRegExp" }) },
});
// JSON Schema has no keyword for bytes, and none for what to say.
ajv.addKeyword({
  keyword: "x-max-bytes",
  type: "string",
  validate: (max: number, text: string) => Buffer.byteLength(text.normalize("NFKC")) <= max,
});
ajv.addKeyword("x-message");

/** A body that `schema` allows once it is normalized. Reports one error a field, by its `x-message` if it has one. */
export function jsonSchemaBody<T>(schema: SchemaObject, normalize = (value: unknown): unknown => value) {
  const isValid = ajv.compile<T>(lengthsFirst(schema));
  const bodies = new WeakMap<object, T>();
  return {
    /** Checks the body of a request; goes into `validate`. */
    chain: body().custom((value, { req }) => {
      const normalized = normalize(value);
      if (isValid(normalized)) bodies.set(req, normalized);
      // express-validator hands what is thrown on as the message; `validate` expects these.
      else throw bodyErrors(isValid.errors ?? [], schema);
      return true;
    }),
    /** The body of `req` behind that check, normalized and with its defaults. */
    validated: (req: Request): T => {
      const checked = bodies.get(req);
      if (checked === undefined) throw new Error("the body was not validated");
      return checked;
    },
  };
}

/** Lets a pattern see no longer text: `{ maxLength: 5, if: { maxLength: 5 }, then: { pattern: "a" } }`. */
function lengthsFirst(schema: SchemaObject): SchemaObject {
  const { pattern, format, items, properties = {}, "x-max-bytes": maxBytes, ...others } = schema;
  const { type, maxLength, maxItems } = others;
  const members = Object.entries<SchemaObject>(properties).map(([name, part]) => [name, lengthsFirst(part)]);
  const slow = { pattern, format, "x-max-bytes": maxBytes, items: items && lengthsFirst(items) };
  if (type === "string") slow.pattern ??= anyPattern;
  // The message stands at both levels: of an error in `then`, Ajv gives `then` as the parent schema.
  const message = { "x-message": expectationOf(schema) };
  return {
    ...others,
    ...message,
    properties: Object.fromEntries(members),
    if: { maxLength, maxItems },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so.
    then: { ...slow, ...message },
  };
}

/** Reports one error a field: unknown names first, then in the order of the schema. */
function bodyErrors(errors: readonly ErrorObject[], schema: SchemaObject): readonly FieldError[] {
  const names = Object.keys(schema["properties"]);
  const rank = (error: ErrorObject) =>
    error.keyword === "additionalProperties" ? -1 : names.indexOf(pointerOf(error).split("/")[1] ?? "");
  const found = new Map<string, string>();
  for (const error of [...errors].sort((a, b) => rank(a) - rank(b))) {
    if (found.size === maxErrors) break;
    const pointer = pointerOf(error);
    if (error.keyword !== "if" && !found.has(pointer)) found.set(pointer, messageOf(error));
  }
  return [...found].map(([field, message]) => ({ in: "body", field, message }));
}

function pointerOf({ keyword, instancePath, params }: ErrorObject): string {
  if (keyword === "required") return `${instancePath}/${params["missingProperty"]}`;
  if (keyword === "additionalProperties") return `${instancePath}/${escapePointer(params["additionalProperty"])}`;
  return instancePath;
}

function messageOf({ keyword, instancePath, params, parentSchema = {} }: ErrorObject): string {
  const { properties = {}, "x-message": message } = parentSchema;
  const names = () => Object.keys(properties).join(", ");
  if (keyword === "additionalProperties") return `unknown field; allowed: ${names()}`;
  if (keyword === "required") return properties[params["missingProperty"]]["x-message"];
  if (keyword === "minProperties") return `must have at least one of ${names()}`;
  return instancePath === "" ? "must be a JSON object" : message;
}

function expectationOf({ type, minimum, maximum, minItems, maxItems, properties, ...schema }: AnySchemaObject): string {
  if (schema["x-message"]) return schema["x-message"];
  if (type === "string") return `must be a string of ${schema["minLength"] ?? 0} to ${schema["maxLength"]} characters`;
  if (type === "integer") return `must be an integer from ${minimum} to ${maximum}`;
  if (type === "array") return `must be an array of ${minItems} to ${maxItems} items`;
  return properties ? `must be an object with ${Object.keys(properties).join(", ")}` : `must be of type ${type}`;
}

/** RFC 6901, section 3. */
const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
