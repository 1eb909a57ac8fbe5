import assert from "node:assert/strict";
import { Types } from "mongoose";
import { type Answer, call, text } from "./http.js";

import type { RunningService } from "./services.js";

let number = 0;

export const somePassword = "correct horse battery";

/** What a new user is made of; the email address is another one each time. */
export const someone = (changes: object = {}) => ({
  name: "Ada Lovelace",
  email: `ada${++number}@example.com`,
  password: somePassword,
  ...changes,
});

type Headers = Readonly<Record<string, string>>;
/** Text is sent as it is, for what `JSON.stringify` would not write. */
type Body = object | string;

const send = (url: string, method: string, body: Body, headers: Headers): Promise<Answer> =>
  call(url, {
    method,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });

export const create = (service: Pick<RunningService, "url">, user: Body = someone()): Promise<Answer> =>
  send(`${service.url}/users`, "POST", user, {});

/** Creates a user and returns its id. */
export async function created(service: RunningService, changes: object = {}): Promise<string> {
  const answer = await create(service, someone(changes));
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return text(answer.body, "id");
}

export const get = (service: RunningService, id: string): Promise<Answer> => call(`${service.url}/users/${id}`);

export const change = (service: RunningService, id: string, to: Body, headers: Headers = {}): Promise<Answer> =>
  send(`${service.url}/users/${id}`, "PUT", to, headers);

export const remove = (service: RunningService, id: string, headers: Headers = {}): Promise<Answer> =>
  call(`${service.url}/users/${id}`, { method: "DELETE", headers });

export const rows = (service: RunningService) => service.database.connection.collection("users");

/** The row of a user, which must be there. */
export async function stored(service: RunningService, id: string) {
  const row = await rows(service).findOne({ _id: new Types.ObjectId(id) });
  assert.ok(row, `user ${id} is stored`);
  return row;
}

export const isStored = async (service: RunningService, id: string): Promise<boolean> =>
  (await rows(service).countDocuments({ _id: new Types.ObjectId(id) })) > 0;

/** Stores users as the service would, without the time that hashing takes; returns their ids. */
export async function insertRows(service: RunningService, count: number, changes: object = {}): Promise<string[]> {
  const now = new Date();
  const users = Array.from({ length: count }, () => {
    const { password, ...fields } = someone(changes);
    const password_hash = `not a hash of ${password}`;
    return { _id: new Types.ObjectId(), ...fields, password_hash, created_at: now, updated_at: now, __v: 0 };
  });
  await rows(service).insertMany(users);
  return users.map(({ _id }) => _id.toHexString());
}

/** The same for one user. */
export async function insertRow(service: RunningService, changes: object = {}): Promise<string> {
  const [id = ""] = await insertRows(service, 1, changes);
  return id;
}
