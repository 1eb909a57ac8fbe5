import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { type Answer, call, text } from "../../test/support/http.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { startUserService } from "../../test/support/services.js";
import { change, create, get, remove, someone, stored } from "../../test/support/users.js";

const { logger, lines } = recordingLogger();

const service = await startUserService({}, logger);

/** Waits for the access log's line: the client may be faster. */
function logged({ headers }: Answer): Promise<void> {
  const requestId = headers.get("X-Request-Id") ?? "none";
  const isLogged = () => lines.some((line) => line.includes(requestId));
  return waitUntil(isLogged, { what: `request ${requestId} is logged`, deadlineMs: 5_000 });
}

const password = "tr0ub4dor and three";
const newPassword = "staple of the horse";

interface SecretCall {
  readonly what: string;
  readonly status: number;
  /** Makes the call, for the user of this id. */
  make(id: string): Promise<Answer>;
}

/** Each way in which a password comes in or a user goes out. */
const calls: readonly SecretCall[] = [
  { what: "a user is created", status: 201, make: () => create(service, someone({ password })) },
  { what: "a user is asked for", status: 200, make: (id) => get(service, id) },
  { what: "users are listed", status: 200, make: () => call(`${service.url}/users`) },
  { what: "a password is changed", status: 200, make: (id) => change(service, id, { password: newPassword }) },
  { what: "a name is changed", status: 200, make: (id) => change(service, id, { name: "Augusta" }) },
  {
    what: "a new user's email is taken",
    status: 409,
    make: async (id) => create(service, someone({ password, email: (await stored(service, id))["email"] })),
  },
  {
    what: "a changed email is taken",
    status: 409,
    make: async (id) => {
      const { email } = someone();
      await create(service, someone({ email }));
      return change(service, id, { password: newPassword, email });
    },
  },
  { what: "a new user is not valid", status: 422, make: () => create(service, someone({ password, name: "" })) },
  {
    what: "a password is too long",
    status: 422,
    make: () => create(service, someone({ password: password.repeat(5) })),
  },
  { what: "a password is an array", status: 422, make: (id) => change(service, id, { password: [newPassword] }) },
  { what: "a hash is slipped in", status: 422, make: (id) => change(service, id, { password_hash: newPassword }) },
  { what: "the JSON is broken", status: 400, make: () => create(service, `{"password":"${password}","name":}`) },
  {
    what: "the body is too large",
    status: 413,
    make: () => create(service, someone({ name: password.repeat(6_000) })),
  },
  {
    what: "a change is stale",
    status: 412,
    make: (id) => change(service, id, { password: newPassword }, { "If-Match": '"7"' }),
  },
  { what: "a user is deleted", status: 204, make: (id) => remove(service, id) },
];

for (const { what, status, make } of calls)
  test(`When ${what}, then neither a password nor a hash is in the answer or in the log`, async () => {
    const id = text((await create(service, someone({ password }))).body, "id");
    const before = lines.length;
    const answer = await make(id);
    await logged(answer);
    const headers = JSON.stringify([...answer.headers]);
    const said = [JSON.stringify(answer.body), headers, ...lines.slice(before)].join("\n");

    assert.equal(answer.status, status, said);
    // bcrypt's hashes begin with $2b$.
    for (const secret of [password, newPassword, "$2b$"]) assert.equal(said.includes(secret), false, said);
    assert.doesNotMatch(said, /"password_hash":/);
  });
