import { existingId, type Row, send } from "./row.js";

export const ada = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };

export const nameIs = "must be a string of 1 to 100 visible characters, without control characters";
export const emailIs = "must be an email address of at most 254 characters";
export const passwordIs =
  "must be a string of at least 8 characters and at most 72 bytes of UTF-8, without control characters";
export const unknown = "unknown field; allowed: name, email, password";
export const notObject = "must be a JSON object";

/** A new user, of whom one field is the JSON that is given. */
const post = (field: keyof typeof ada, json: string) =>
  send("POST /users", JSON.stringify({ ...ada, [field]: 0 }).replace(`"${field}":0`, `"${field}":${json}`));
export const email = (json: string) => post("email", json);
/** A new user with more in it. */
export const and = (members: string) => send("POST /users", `{${members},${JSON.stringify(ada).slice(1)}`);
export const put = (body: string, id = existingId) => send(`PUT /users/${id}`, body);

/** Rows for what may not stand in that field, in a new user or in a change. */
export const refused = (
  field: keyof typeof ada,
  message: string,
  cases: readonly (readonly [what: string, json: string])[],
): readonly Row[] =>
  cases.flatMap(([what, json]): Row[] => [
    [what, post(field, json), 422, `body /${field}`, message],
    [`${what}, in a change`, put(`{"${field}":${json}}`), 422, `body /${field}`, message],
  ]);

export const characters = (count: number, character = "a") => `"${character.repeat(count)}"`;
export const levels = (count: number) => "[".repeat(count) + "]".repeat(count);
