import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const keys = ["0123456789abcdef", "another-key-of-16-or-more"] as const;
const { url } = await startFrame({ settings: { API_KEY: keys.join(",") } });
const thing = `/things/${thingId}`;

const withHeader = (authorization: string, path = thing) =>
  call(`${url}${path}`, { headers: { Authorization: authorization } });

test("When there are API keys, then a call without one is answered 401 and told how to send it", async () => {
  const answer = await call(`${url}${thing}`);

  assertProblem(answer, 401, thing);
  assert.equal(answer.headers.get("WWW-Authenticate"), "Bearer");
});

test("When there are several API keys, then each of them opens the service", async () => {
  for (const key of keys) assert.equal((await withHeader(`Bearer ${key}`)).status, 200, key);
  assert.equal((await withHeader(`bearer   ${keys[0]}`)).status, 200, "schemes know no case");
});

const [key] = keys;
const wrong = [
  `Basic ${Buffer.from(`ada:${key}`).toString("base64")}`,
  `Basic ${key}`,
  key,
  "Bearer",
  "Bearer ",
  `Bearer${key}`,
  `Bearer ${key}x`,
  `Bearer ${key.slice(0, -1)}`,
  `Bearer ${key.toUpperCase()}`,
  `Bearer ${key} ${key}`,
  `Bearer ${keys.join(",")}`,
  `Bearer "${key}"`,
  "Bearer none",
];
for (const authorization of wrong)
  test(`When a call is authorized by "${authorization}", then the answer is 401, and does not repeat it`, async () => {
    const answer = await withHeader(authorization);

    assertProblem(answer, 401);
    assert.doesNotMatch(text(answer.body, "detail"), /0123456789/);
  });

test("When there is an API key, then what watches and what explains the service is open, and nothing else", async () => {
  for (const path of ["/health", "/ready", "/docs/", "/docs/swagger-ui.css", "/openapi.json"])
    assert.equal((await call(`${url}${path}`)).status, 200, path);
  for (const path of [thing, "/metrics", "/nothing", "/health/x", "/docs/nothing", "/throws"])
    assert.equal((await call(`${url}${path}`)).status, 401, path);
});

test("When a key comes in the query, then the answer is 401: it would be in every log", async () => {
  assert.equal((await call(`${url}${thing}?api_key=${key}`)).status, 401);
});

/** Calls so often, one after the other; a proxy in front would say for whom. */
async function callTimes(
  base: string,
  times: number,
  forwardedFor: (i: number) => string | undefined = () => undefined,
) {
  const statuses: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const from = forwardedFor(i);
    statuses.push(
      (await call(`${base}${thing}`, { headers: from === undefined ? {} : { "X-Forwarded-For": from } })).status,
    );
  }
  return statuses;
}

test("When an address has made its requests of a minute, then the next is 429 and told when to come again", async () => {
  const limited = await startFrame({ settings: { RATE_LIMIT_PER_MINUTE: "3" } });
  const first = await call(`${limited.url}${thing}`);
  const statuses = await callTimes(limited.url, 2);
  const answer = await call(`${limited.url}${thing}`);

  assert.match(first.headers.get("RateLimit-Policy") ?? "", /^"3-in-1min"; q=3; w=60/);
  assert.match(first.headers.get("RateLimit") ?? "", /^"3-in-1min"; r=2; t=\d+$/);
  assert.deepEqual(statuses, [200, 200]);
  assertProblem(answer, 429);
  assert.match(answer.headers.get("RateLimit") ?? "", /; r=0; t=\d+$/);
  const wait = Number(answer.headers.get("Retry-After"));
  assert.ok(wait >= 1 && wait <= 60, `${wait} s`);
  assert.equal(answer.headers.get("X-RateLimit-Limit"), null);
  for (const path of ["/health", "/ready"]) assert.equal((await call(`${limited.url}${path}`)).status, 200, path);
});

test("When there is no limit, then no answer speaks of one", async () => {
  const answer = await withHeader(`Bearer ${key}`);

  assert.equal(answer.headers.get("RateLimit"), null);
  assert.equal(answer.headers.get("RateLimit-Policy"), null);
});

test("When no proxy is trusted, then a client that makes up X-Forwarded-For is limited all the same", async () => {
  const limited = await startFrame({ settings: { RATE_LIMIT_PER_MINUTE: "3", TRUST_PROXY: "0" } });

  assert.deepEqual(await callTimes(limited.url, 5, (i) => `10.0.0.${i}`), [200, 200, 200, 429, 429]);
});

test("When one proxy is trusted, then each client has its limit, and can't make up another address", async () => {
  const limited = await startFrame({ settings: { RATE_LIMIT_PER_MINUTE: "2", TRUST_PROXY: "1" } });

  assert.deepEqual(await callTimes(limited.url, 3, (i) => `10.0.0.${i}`), [200, 200, 200], "three clients");
  const made = (i: number) => `192.0.2.${i}, 10.0.1.1`;
  assert.deepEqual(await callTimes(limited.url, 3, made), [200, 200, 429], "what the proxy added counts");
});

for (const address of ["203.0.113.7", "[2001:db8::1]"])
  test(`When a proxy adds the port to ${address}, then its requests count as one client's, and the log has no port`, async () => {
    const limited = await startFrame({ settings: { RATE_LIMIT_PER_MINUTE: "1", TRUST_PROXY: "1" } });
    const statuses = await callTimes(limited.url, 2, (i) => `${address}:4000${i}`);
    await waitUntil(() => limited.log().length === 2, { what: "both are logged", deadlineMs: 5_000 });

    assert.deepEqual(statuses, [200, 429]);
    for (const line of limited.log()) assert.equal(text(line, "remote_address"), address.replace(/[[\]]/g, ""));
  });
