import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../test/support/http.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const origin = "https://app.example.com";
const other = "https://evil.example";
const open = await startFrame({
  settings: { CORS_ORIGINS: `${origin},http://localhost:5173`, API_KEY: "0123456789abcdef" },
});
const closed = await startFrame();

const preflight = (url: string, from: string) =>
  call(`${url}/things`, {
    method: "OPTIONS",
    headers: {
      Origin: from,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    },
  });

test("When no origins are set, then no answer has a CORS header, and a preflight is refused", async () => {
  const answer = await call(`${closed.url}/things/${thingId}`, { headers: { Origin: origin } });
  const asked = await preflight(closed.url, origin);

  assert.equal(answer.status, 200);
  assert.equal(asked.status, 405);
  for (const { headers } of [answer, asked])
    assert.ok(![...headers.keys()].some((name) => name.startsWith("access-control-")));
});

test("When a browser on one of the origins asks beforehand, then it may call, with its key", async () => {
  const { status, headers } = await preflight(open.url, origin);

  assert.equal(status, 204);
  assert.equal(headers.get("Access-Control-Allow-Origin"), origin);
  assert.equal(headers.get("Access-Control-Allow-Methods"), "GET,HEAD,POST,PUT,PATCH,DELETE");
  assert.equal(headers.get("Access-Control-Allow-Headers"), "authorization,content-type,idempotency-key");
  assert.equal(headers.get("Access-Control-Allow-Credentials"), null);
});

test("When a browser on one of the origins calls, then it may read the answer, also where it is an error", async () => {
  const answer = await call(`${open.url}/things/${thingId}`, { headers: { Origin: origin } });

  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get("Access-Control-Allow-Origin"), origin);
  assert.match(answer.headers.get("Vary") ?? "", /\bOrigin\b/);
  const exposed = answer.headers.get("Access-Control-Expose-Headers") ?? "";
  for (const name of ["ETag", "Location", "Retry-After", "X-Request-Id", "RateLimit"])
    assert.ok(exposed.split(",").includes(name), `${name} in ${exposed}`);
});

test("When a browser is on another origin, then it is told of none", async () => {
  for (const from of [
    other,
    `${origin}.evil.example`,
    "https://app.example.com:8443",
    "http://app.example.com",
    "null",
  ]) {
    const answers = [await preflight(open.url, from), await call(`${open.url}/health`, { headers: { Origin: from } })];
    for (const { headers } of answers) assert.equal(headers.get("Access-Control-Allow-Origin"), null, from);
  }
});
