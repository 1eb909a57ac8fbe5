import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { call, member, text } from "../support/http.js";
import { recordingLogger } from "../support/recording_logger.js";
import { startUserService } from "../support/services.js";
import { bodyRows } from "./body_rows.js";
import { checkRows } from "./check.js";
import { connectionRows } from "./connection_rows.js";
import { queryRows, routeRows } from "./route_rows.js";
import { apiKey, ask, type Row } from "./row.js";
import { ada, emailRows, memberRows, nameRows, passwordRows, takenRows } from "./user_rows.js";

const unknownParameter = "unknown parameter; allowed: email, limit, cursor";
const users = { path: "/users", valid: JSON.stringify(ada) };

// biome-ignore format: one row a line
const filterRows: readonly Row[] = [
  ["an empty email to filter by", ask("GET /users?email="), 422, "query email", "must be an email address"],
  ["an email to filter by that is none", ask("GET /users?email=ada"), 422, "query email", "must be an email address"],
  ["two emails to filter by", ask("GET /users?email=a@example.com&email=b@example.com"), 422, "query email", "must be an email address"],
  ["email[$ne]", ask("GET /users?email[$ne]=x"), 422, "query email[$ne]", unknownParameter],
  ["a filter by something else", ask("GET /users?name=Ada"), 422, "query name", unknownParameter],
];

const { logger, lines: log } = recordingLogger();

const create = (user: object) => {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return call(`${service.url}/users`, { method: "POST", headers, json: user });
};

const service = await startUserService({ API_KEY: apiKey }, logger);
const id = text((await create({ ...ada, email: "there.already@example.com" })).body, "id");

const rows = [
  ...[...connectionRows(users), ...bodyRows(users), ...routeRows(users), ...queryRows(users, "email, limit, cursor")],
  ...[...nameRows, ...emailRows, ...passwordRows, ...takenRows, ...memberRows, ...filterRows],
];

describe("bad input", () => checkRows(rows, { service, collection: "users", id, log }));

test("When a user is right after all of them, then it is created", async () => {
  assert.equal((await create(ada)).status, 201);
});

for (const name of [
  "نازنین\u200cزهرا",
  "श्री\u200dमती",
  "Zoë 👩‍💻 ❤️",
  "Scottish \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
  "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
  "\u182d\u180b\u1820",
  "A\u2800B",
  "葛\udb40\udd00飾",
  "O'Brien-Smith, Jr.",
  "  Ada  ",
])
  test(`When a name is ${name}, then it is stored as it is, without the spaces around it`, async () => {
    const answer = await create({ ...ada, name, email: `${randomUUID()}@example.com` });

    assert.equal(answer.status, 201);
    assert.equal(member(answer.body, "name"), name.trim());
  });
