import { isObject } from "@order-flow/common/text/json.js";
import { type ApiDocument, escaped } from "./api_document.js";

/** What the schema at a JSON Pointer gives as an example, put together from those of its parts. */
export function exampleAt(document: ApiDocument, pointer: string): unknown {
  const schema = document.at(pointer);
  if (!isObject(schema)) throw new Error(`${pointer} is no schema`);
  if (Array.isArray(schema["examples"])) return schema["examples"][0];
  for (const name of ["const", "default"]) if (name in schema) return schema[name];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (schema["type"] === "array") return [exampleAt(document, `${pointer}/items`)];
  if (schema["type"] !== "object") throw new Error(`${pointer} has no example`);
  const names = document.namesAt(`${pointer}/properties`);
  return Object.fromEntries(names.map((name) => [name, exampleAt(document, `${pointer}/properties/${name}`)]));
}

interface Examples {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where the operation has no body. */
  readonly body: unknown;
}

/** The examples of the operation at a JSON Pointer. */
export function examplesOf(document: ApiDocument, pointer: string): Examples {
  const parameters = document.namesAt(`${pointer}/parameters`).map((index) => `${pointer}/parameters/${index}`);
  const valuesIn = (place: string) =>
    Object.fromEntries(
      parameters
        .filter((parameter) => document.at(`${parameter}/in`) === place)
        .map((parameter) => [
          String(document.at(`${parameter}/name`)),
          String(exampleAt(document, `${parameter}/schema`)),
        ]),
    );
  const body = `${pointer}/requestBody/content/${escaped("application/json")}/schema`;
  return {
    query: valuesIn("query"),
    headers: valuesIn("header"),
    body: document.at(body) && exampleAt(document, body),
  };
}
