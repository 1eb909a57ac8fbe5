import { after, before, test } from "node:test";
import { call, text } from "../support/http.js";
import { type RunningService, startUserService } from "../support/services.js";
import { checkRows } from "./check.js";
import { connectionRows } from "./connection_rows.js";
import { apiKey } from "./row.js";

const valid = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };
const users = { path: "/users", valid: JSON.stringify(valid) };

let service: RunningService;
let id: string;

const create = (user: object) => {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return call(`${service.url}/users`, { method: "POST", headers, json: user });
};

before(async () => {
  service = await startUserService({ API_KEY: apiKey });
  id = text((await create({ ...valid, email: "there.already@example.com" })).body, "id");
});

after(async () => {
  await service.stop();
});

const rows = connectionRows(users);

checkRows(rows, () => ({ service, collection: "users", id }));

test("When the table is counted", (t) => {
  t.diagnostic(`${rows.length} rows of bad input for user_service`);
});
