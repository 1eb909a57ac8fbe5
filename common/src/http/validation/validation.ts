import type { Request, RequestHandler } from "express";
import type { FieldValidationError, ValidationChain } from "express-validator";
import { type FieldError, Problem } from "../errors/problem.js";

export const maxErrors = 20;

/** Checks a request against all chains, and its query for parameters beside `queryNames`; answers 422 if one fails. */
export function validate(chains: readonly ValidationChain[], queryNames: readonly string[] = []): RequestHandler {
  return async (req, _res, next) => {
    const results = await Promise.all(chains.map((chain) => chain.run(req)));
    const errors = results.flatMap((result) => result.array()).filter((error) => error.type === "field");
    const found = [...unknownParameters(req, queryNames), ...errors.flatMap(fieldErrors)];
    if (found.length === 0) return next();
    next(unprocessableContent(found.slice(0, maxErrors)));
  };
}

export const unprocessableContent = (errors: readonly FieldError[]) =>
  new Problem(422, "The request is not valid; see errors.", { errors });

function unknownParameters(req: Request, known: readonly string[]): FieldError[] {
  const unknown = Object.keys(req.query).filter((name) => !known.includes(name));
  const allowed = known.length > 0 ? known.join(", ") : "none";
  return unknown.map((name) => ({ in: "query", field: name, message: `unknown parameter; allowed: ${allowed}` }));
}

const places = { query: "query", params: "path", headers: "header", cookies: "header" } as const;

function fieldErrors({ location, path, msg }: FieldValidationError): readonly FieldError[] {
  if (location !== "body") return [{ in: places[location], field: headerCase(location, path), message: msg }];
  // What the chain of a `jsonSchemaBody` has thrown: anything else is a fault of ours.
  if (!Array.isArray(msg)) throw new Error(`the body could not be validated: ${msg}`);
  return msg;
}

/** express-validator has the names of headers in small letters, and the documents as people write them. */
const headerCase = (location: string, name: string): string =>
  location === "headers" ? name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()) : name;
