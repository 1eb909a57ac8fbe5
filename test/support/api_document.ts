import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Answer } from "./http.js";

/** An OpenAPI 3.1 document, of which one asks whether what a service does is in it. */
export class ApiDocument {
  readonly #document: object;
  readonly #ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { "idn-email": true } });

  constructor(document: object) {
    this.#document = document;
    formats.default(this.#ajv);
    // To ajv the whole is a schema, with unknown members.
    this.#ajv.addVocabulary([...Object.keys(document), "x-message", "x-max-bytes"]);
    this.#ajv.addSchema({ $id: "api", ...document });
  }

  /** What stands at a JSON Pointer, with each `$ref` followed; undefined where there is nothing. */
  at(pointer: string): unknown {
    return this.#find(pointer).value;
  }

  /** The names of the members at a JSON Pointer. */
  namesAt(pointer: string): readonly string[] {
    return Object.keys(Object(this.at(pointer)));
  }

  /** The pointer of the operation that a request is for; undefined where none is documented. */
  operationOf(method: string, path: string): string | undefined {
    const isFor = (template: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}/?$`).test(path);
    const template = this.namesAt("/paths").find(isFor);
    const pointer = `/paths/${escaped(template ?? "")}/${method === "HEAD" ? "get" : method.toLowerCase()}`;
    return this.at(pointer) ? pointer : undefined;
  }

  /** What the schema at a JSON Pointer finds wrong with `value`. */
  mistakesIn(pointer: string, value: unknown): readonly object[] {
    const uri = `api#${this.#find(pointer).pointer.split("/").map(encodeURIComponent).join("/")}`;
    const validate = this.#ajv.getSchema(uri);
    assert.ok(validate, `${pointer} is a schema`);
    validate(value);
    return validate.errors ?? [];
  }

  /** Asserts that `value` is what the schema at a JSON Pointer says. */
  assertValid(pointer: string, value: unknown, what: string): void {
    const mistakes = this.mistakesIn(pointer, value);
    assert.equal(mistakes.length, 0, `${what} is not as ${pointer} says: ${JSON.stringify(mistakes)}`);
  }

  /** Asserts that a response to an operation is one that the document has, with its headers and its body. */
  assertResponse(operation: string, { status, headers, body }: Answer, what: string): void {
    const { pointer, value } = this.#find(`${operation}/responses/${status}`);
    assert.ok(value, `${what} was answered ${status}, which is not documented`);
    for (const name of this.namesAt(`${pointer}/headers`)) {
      const header = this.#find(`${pointer}/headers/${escaped(name)}`).pointer;
      const content = headers.get(name);
      if (content !== null) this.assertValid(`${header}/schema`, content, `${name} of ${what}`);
      else assert.ok(!this.at(`${header}/required`), `${what} was answered ${status} without ${name}`);
    }
    const type = headers.get("Content-Type")?.split(";")[0] ?? "";
    const types = this.namesAt(`${pointer}/content`);
    if (types.length === 0) assert.equal(body, undefined, `${what} has a body that is not documented`);
    else {
      assert.ok(types.includes(type), `${what} was answered with ${type}; documented is ${types}`);
      this.assertValid(`${pointer}/content/${escaped(type)}/schema`, body, what);
    }
  }

  #find(pointer: string): { readonly pointer: string; readonly value: unknown } {
    let found: { pointer: string; value: unknown } = { pointer: "", value: this.#document };
    for (const part of pointer.split("/").slice(1)) {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const value = Object.hasOwn(Object(found.value), name) ? Object(found.value)[name] : undefined;
      found = { pointer: `${found.pointer}/${part}`, value };
      const reference: unknown = Object(value).$ref;
      if (typeof reference === "string") found = this.#find(reference.slice(1));
    }
    return found;
  }
}

/** A name as a part of a JSON Pointer (RFC 6901). */
export const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
