import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { call, member } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { head, sendRaw } from "../../test/support/raw_http.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const { url, port } = await startFrame();

for (const path of ["/nothing", "/thing", "/things/0/1", "//things", "/docs/nothing", "/docs/package.json"])
  test(`When ${path} is asked for, which is no path, then the answer is 404 and names it without its query`, async () => {
    assertProblem(await call(`${url}${path}?token=secret`), 404, path);
  });

const methods: readonly [string, string, string][] = [
  ["GET", "/things", "POST"],
  ["DELETE", "/things", "POST"],
  ["PATCH", `/things/${thingId}`, "GET, HEAD"],
  ["OPTIONS", "/things", "POST"],
  ["POST", "/health", "GET, HEAD"],
  ["POST", "/ready", "GET, HEAD"],
  ["POST", "/openapi.json", "GET, HEAD"],
  ["POST", "/", "GET, HEAD"],
  ["POST", "/docs", "GET, HEAD"],
  ["DELETE", "/docs/", "GET, HEAD"],
];
for (const [method, path, allow] of methods)
  test(`When ${method} is tried on ${path}, then the answer is 405 and Allow says ${allow}`, async () => {
    const answer = await call(`${url}${path}`, { method });

    assertProblem(answer, 405, path);
    assert.equal(answer.headers.get("Allow"), allow);
  });

for (const path of [`/things/${thingId}`, "/health", "/ready", "/metrics", "/openapi.json", "/docs/", "/nothing"])
  test(`When ${path} is asked for with HEAD, then the head is that of GET, and there is no body`, async () => {
    const ask = (method: string) => sendRaw(url, head(`${method} ${path} HTTP/1.1`, "Host: a"));
    const [got, headed] = [await ask("GET"), await ask("HEAD")];

    assert.equal(headed.status, got.status);
    assert.equal(headed.text, "");
    assert.equal(headed.headers.get("Content-Type"), got.headers.get("Content-Type"));
    // Metrics change from one scrape to the next, and a problem document has the request's id.
    if (path !== "/metrics") assert.equal(headed.headers.get("Content-Length"), got.headers.get("Content-Length"));
  });

test("When OPTIONS is asked of no path, then the answer is 404, and of the server as a whole too", async () => {
  assertProblem(await call(`${url}/nothing`, { method: "OPTIONS" }), 404);
  assertProblem(await sendRaw(url, head("OPTIONS * HTTP/1.1", "Host: a")), 404);
});

test("When a path ends in a slash, then it is the same path", async () => {
  for (const path of ["/health", "/ready", "/metrics", "/openapi.json", `/things/${thingId}`]) {
    assert.equal((await call(`${url}${path}`)).status, 200, path);
    assert.equal((await call(`${url}${path}/`)).status, 200, `${path}/`);
  }
  assert.equal((await call(`${url}/things/`, { method: "POST", json: { name: "a" } })).status, 201);
  assert.equal((await call(`${url}/things/`)).headers.get("Allow"), "POST");
});

test("When the documentation is asked for, then its page and all that the page loads are there", async () => {
  const page = await fetch(`${url}/docs`);
  const html = await page.text();
  const parts = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, part = ""]) => part);

  assert.equal(page.status, 200);
  assert.equal(page.url, `${url}/docs/`, "relative addresses in the page need the slash");
  assert.match(page.headers.get("Content-Type") ?? "", /^text\/html/);
  assert.ok(parts.length >= 4);
  for (const part of parts) assert.equal((await fetch(`${url}/docs/${part}`)).status, 200, part);
  assert.match(await (await fetch(`${url}/docs/swagger-ui-init.js`)).text(), /"\.\.\/openapi\.json"/);
});

test("When the document is asked for, then it is JSON", async () => {
  const answer = await call(`${url}/openapi.json`);

  assert.match(answer.headers.get("Content-Type") ?? "", /^application\/json/);
  assert.equal(member(answer.body, "openapi"), "3.1.0");
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

test("When it is called over IPv4 and over IPv6, then it answers both", { skip: !hasIpv6 && "no IPv6" }, async () => {
  for (const host of ["127.0.0.1", "[::1]"])
    assert.equal((await call(`http://${host}:${port}/health`)).status, 200, host);
});
