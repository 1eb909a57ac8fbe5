import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { type Answer, call, member } from "../../test/support/http.js";
import { head, sendRaw } from "../../test/support/raw_http.js";
import { type Frame, startFrame, thingId } from "../../test/support/test_app.js";

const frame = await startFrame({ settings: { RATE_LIMIT_PER_MINUTE: "1000" } });
const thing = `${frame.url}/things/${thingId}`;
const madeId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One answer of each kind: what all of them have in common, all have. */
const answers: readonly (readonly [string, () => Promise<Answer>])[] = [
  ["a good answer", () => call(thing)],
  ["a refused one", () => call(`${frame.url}/things/x`)],
  ["one for no path", () => call(`${frame.url}/nothing`)],
  ["one for a method", () => call(thing, { method: "DELETE" })],
  ["one for a body", () => call(`${frame.url}/things`, { method: "POST" })],
  ["one that failed", () => call(`${frame.url}/throws`)],
  ["/health", () => call(`${frame.url}/health`)],
  ["/docs/", () => call(`${frame.url}/docs/`)],
  ["one without Host", () => sendRaw(frame.url, head("GET /health HTTP/1.1"))],
];

/** The access-log lines of a request; written when it is over, which its client may know before. */
async function accessLog({ log }: Frame, requestId: string): Promise<readonly object[]> {
  const lines = () =>
    log().filter((line) => member(line, "request_id") === requestId && member(line, "message") === "request");
  await waitUntil(() => lines().length > 0, { what: `${requestId} is logged`, deadlineMs: 5_000 });
  return lines();
}

for (const [what, ask] of answers)
  test(`When ${what} is looked at, then it has its id, its time and helmet's headers, and nothing of Express`, async () => {
    const { headers } = await ask();

    assert.match(headers.get("X-Request-Id") ?? "", madeId);
    assert.match(headers.get("X-Response-Time") ?? "", /^\d+\.\dms$/);
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(headers.get("X-Frame-Options"), "SAMEORIGIN");
    assert.equal(headers.get("Referrer-Policy"), "no-referrer");
    assert.match(headers.get("Strict-Transport-Security") ?? "", /^max-age=\d{8}/);
    assert.match(headers.get("Content-Security-Policy") ?? "", /^default-src 'none';/);
    assert.equal(headers.get("X-Powered-By"), null);
    assert.equal(headers.get("Access-Control-Allow-Origin"), null);
  });

test("When an answer is no page, then its policy lets nothing be loaded, run or framed", async () => {
  const policy = (await call(thing)).headers.get("Content-Security-Policy");

  assert.equal(policy, "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'");
});

test("When it is the page of the documentation, then its policy lets it load its own parts and no script inside", async () => {
  const policy = (await call(`${frame.url}/docs/`)).headers.get("Content-Security-Policy") ?? "";
  const directives = new Map(policy.split(";").map((part): [string, string] => [part.split(" ")[0] ?? "", part]));

  assert.equal(directives.get("script-src"), "script-src 'self'");
  assert.equal(directives.get("connect-src"), "connect-src 'self'");
  assert.equal(directives.get("default-src"), "default-src 'none'");
  assert.equal(directives.get("frame-ancestors"), "frame-ancestors 'none'");
  assert.doesNotMatch(policy, /https?:|\*|unsafe-eval/);
});

test("When an error is answered, then no cache may keep it", async () => {
  for (const [, ask] of answers.slice(1, 6)) assert.equal((await ask()).headers.get("Cache-Control"), "no-store");
});

for (const id of ["a", "my-request_1.2", "x".repeat(128)])
  test(`When a request brings the id ${id.slice(0, 20)}, then the answer and the log have it`, async () => {
    const answer = await call(thing, { headers: { "X-Request-Id": id } });

    assert.equal(answer.headers.get("X-Request-Id"), id);
    assert.equal((await accessLog(frame, id)).length, 1);
  });

for (const id of ["", "a b", "a,b", "x".repeat(129), "<script>", '"a"', "a/b", "é"])
  test(`When a request brings an id that is not fit, ${id.slice(0, 20)}, then it gets one of ours`, async () => {
    const answer = await call(thing, { headers: { "X-Request-Id": id } });

    assert.match(answer.headers.get("X-Request-Id") ?? "", madeId);
  });

test("When a request brings two ids, then it gets one of ours", async () => {
  const request = head(`GET /things/${thingId} HTTP/1.1`, "Host: a", "X-Request-Id: a", "X-Request-Id: b");

  assert.match((await sendRaw(frame.url, request)).headers.get("X-Request-Id") ?? "", madeId);
});

test("When a request is answered, then there is one line in the log, with the figure of X-Response-Time", async () => {
  const { headers } = await call(`${thing}?a=1`, { headers: { "X-Request-Id": "one-line" } });
  const [line = {}, ...others] = await accessLog(frame, "one-line");

  assert.deepEqual(others, []);
  assert.equal(`${Number(member(line, "response_time_ms")).toFixed(1)}ms`, headers.get("X-Response-Time"));
  assert.equal(member(line, "method"), "GET");
  assert.equal(member(line, "path"), `/things/${thingId}`, "without the query, where a client may have put a key");
  assert.equal(member(line, "status"), 422);
  assert.equal(member(line, "level"), "info");
  assert.match(String(member(line, "remote_address")), /127\.0\.0\.1$/);
});

test("When a request is refused before any route, then there is one line in the log all the same", async () => {
  await sendRaw(frame.url, head("GET /health HTTP/1.1", "X-Request-Id: no-host"));
  const lines = await accessLog(frame, "no-host");

  assert.equal(lines.length, 1);
  assert.equal(member(lines[0], "status"), 400);
});

for (const path of ["/health", "/ready", "/metrics"])
  test(`When ${path} is asked, then its line is for debugging alone: monitors ask every few seconds`, async () => {
    const requestId = `probe${path.replace("/", "-")}`;
    await call(frame.url + path, { headers: { "X-Request-Id": requestId } });

    assert.equal(member((await accessLog(frame, requestId))[0], "level"), "debug");
  });

test("When a path holds line feeds and terminal codes, then the log has one line, with the path as it came", async () => {
  const path = "/%0a%1b[2J%e2%80%a8";
  const answers = [
    await sendRaw(frame.url, head(`GET ${path} HTTP/1.1`, "Host: a", "X-Request-Id: encoded")),
    await sendRaw(frame.url, head("GET /\u0085\u2028 HTTP/1.1", "Host: a", "X-Request-Id: bare")),
  ];
  const lines = await accessLog(frame, "encoded");

  const paths = lines.map((line) => member(line, "path"));
  assert.deepEqual(paths, [path]);
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(statuses, [404, 400]);
  assert.equal(frame.log().filter((line) => member(line, "request_id") === "bare").length, 0, "it was no request");
});
