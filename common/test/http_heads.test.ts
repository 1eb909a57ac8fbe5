import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { assertProblem } from "../../test/support/problem.js";
import { head, RawConnection, sendRaw } from "../../test/support/raw_http.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const { url, log } = await startFrame();
const get = `GET /things/${thingId} HTTP/1.1`;
const body = '{"name":"a"}';
const post = ["POST /things HTTP/1.1", "Host: a", "Content-Type: application/json", `Content-Length: ${body.length}`];

test("When a request has one Host header, then it is answered", async () => {
  assert.equal((await sendRaw(url, head(get, "Host: a"))).status, 200);
});

test("When a probe speaks HTTP/1.0 without a Host header, then it is answered; two Host headers are 400 there too", async () => {
  assert.equal((await sendRaw(url, head("GET /ready HTTP/1.0"))).status, 200);
  assertProblem(await sendRaw(url, head("GET /ready HTTP/1.0", "Host: a", "Host: b")), 400);
});

test("When a request has no Host header, or two, then the answer is 400, on /health too", async () => {
  assertProblem(await sendRaw(url, head(get)), 400);
  assertProblem(await sendRaw(url, head(get, "Host: a", "Host: a")), 400);
  assertProblem(await sendRaw(url, head(get, "Host: a", "hOST: b")), 400);
  assertProblem(await sendRaw(url, head("GET /health HTTP/1.1")), 400);
});

for (const path of ["/things/%", "/things/%zz", "/things/%ff", "/things/%c3%28", "/things/%ed%a0%80"])
  test(`When a path is encoded as ${path}, then the answer is 400, with a URI reference for an instance`, async () => {
    const instance = path.replace(/%(?![0-9a-f]{2})/, "%25");
    assertProblem(await sendRaw(url, head(`GET ${path} HTTP/1.1`, "Host: a")), 400, instance);
  });

test("When a target names the host too, as for a proxy, then its path counts", async () => {
  assert.equal((await sendRaw(url, head(`GET http://a/things/${thingId} HTTP/1.1`, "Host: a"))).status, 200);
});

test("When a target is longer than 8,000 bytes, then the answer is 414; a longer head than Node takes is 431", async () => {
  const target = (bytes: number) => head(`GET ${"/health?".padEnd(bytes, "a")} HTTP/1.1`, "Host: a");

  assert.equal((await sendRaw(url, target(8_000))).status, 200);
  assertProblem(await sendRaw(url, target(8_001)), 414);
  assertProblem(await sendRaw(url, target(20_000)), 431);
});

test("When the headers are longer than 16 KiB, then the answer is 431", async () => {
  assert.equal((await sendRaw(url, head(get, "Host: a", `Cookie: ${"a".repeat(15_000)}`))).status, 200);
  assertProblem(await sendRaw(url, head(get, "Host: a", `Cookie: ${"a".repeat(17_000)}`)), 431);
});

const unreadable: readonly [string, string][] = [
  ["no HTTP", "hello\r\n\r\n"],
  ["HTTP/3.0", "GET / HTTP/3.0\r\n\r\n"],
  ["a method that is none", "GETT / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a header without a colon", "GET / HTTP/1.1\r\nHost a\r\n\r\n"],
  ["a header with NUL", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n"],
  ["a Content-Length that is no number", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"],
  ["two Content-Lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  [
    "Content-Length and Transfer-Encoding",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
];
for (const [what, bytes] of unreadable)
  test(`When what comes is ${what}, then the answer is 400 and the connection ends`, async () => {
    const answer = await sendRaw(url, bytes);

    assertProblem(answer, 400);
    assert.equal(answer.headers.get("Connection"), "close");
  });

test("When a client waits for 100 Continue, then it is asked for the body", async () => {
  const connection = await RawConnection.open(url);
  connection.send(head(...post, "Expect: 100-continue"));
  await waitUntil(() => connection.socket.bytesRead > 0, { what: "it is asked", deadlineMs: 5_000 });
  connection.send(body);
  const answer = await connection.answer();

  assert.deepEqual(answer.interim, [100]);
  assert.equal(answer.status, 201);
});

test("When a client expects what there is not, then the expectation is passed over, in our form", async () => {
  const answer = await sendRaw(url, head(...post, "Expect: the-spanish-inquisition"), body);

  assert.equal(answer.status, 201);
  assert.deepEqual(answer.body, { name: "a" });
  assert.ok(answer.headers.has("X-Request-Id"));
  assertProblem(await sendRaw(url, head("GET /nothing HTTP/1.1", "Host: a", "Expect: x")), 404);
});

test("When an upgrade is asked for, then the request is answered as it is", async () => {
  const answer = await sendRaw(url, `${get}\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`);

  assert.equal(answer.status, 200);
});

test("When a client goes away before its body has come, then that is one line of the log, and nothing else", async () => {
  const connection = await RawConnection.open(url);
  connection.send(`${[...post, "X-Request-Id: gone"].join("\r\n")}\r\n\r\n{`);
  const lines = () => log().filter((line) => "request_id" in line && line.request_id === "gone");
  setImmediate(() => connection.socket.destroy());
  await waitUntil(() => lines().length > 0, { what: "it is logged", deadlineMs: 5_000 });

  assert.equal(lines().length, 1);
  assert.equal(log().filter((line) => "level" in line && line.level === "error").length, 0);
});

const slow = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };

test("When a client is slow with its head or with its body, then the answer is 408 and the connection ends", async () => {
  const hurried = await startFrame({ timeouts: slow });
  const [withHead, withBody] = await Promise.all([
    sendRaw(hurried.url, "GET /health HTTP/1.1\r\nHost: a\r\n"),
    sendRaw(hurried.url, `${post.join("\r\n")}\r\n\r\n{`),
  ]);

  for (const answer of [withHead, withBody]) {
    assertProblem(answer, 408);
    assert.equal(answer.headers.get("Connection"), "close");
  }
});
