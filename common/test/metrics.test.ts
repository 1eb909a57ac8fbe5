import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member } from "../../test/support/http.js";
import { Scrape } from "../../test/support/metrics.js";
import { head, sendRaw } from "../../test/support/raw_http.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const key = "0123456789abcdef";
const count = "http_request_duration_seconds_count";

test("When /metrics is asked for, then it is Prometheus' text, of this process and its requests", async () => {
  const { url } = await startFrame();
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();

  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  for (const line of text.split("\n").filter(Boolean)) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.+\})? \S+)$/);
  assert.match(text, /^process_resident_memory_bytes \d+$/m);
  assert.match(text, /^nodejs_eventloop_utilization_ratio (0|1|0\.\d+)$/m);
  assert.match(text, /^# TYPE http_request_duration_seconds histogram$/m);
});

test("When there is an API key, then /metrics wants it, unless METRICS is open", async () => {
  const closed = await startFrame({ settings: { API_KEY: key } });
  const open = await startFrame({ settings: { API_KEY: key, METRICS: "open" } });
  const unlocked = await startFrame({ settings: { METRICS: "closed" } });
  const ask = async (url: string, headers = {}) => (await call(`${url}/metrics`, { headers })).status;

  assert.equal(await ask(closed.url), 401);
  assert.equal(await ask(closed.url, { Authorization: `Bearer ${key}` }), 200);
  assert.equal(await ask(open.url), 200);
  assert.equal(await ask(unlocked.url), 200, "without any key every route is open");
  assert.equal((await call(`${open.url}/things/${thingId}`)).status, 401, "nothing else is open");
});

test("When requests are answered, then each is counted under its route's pattern, method and status", async () => {
  const { url } = await startFrame();
  await call(`${url}/things/${thingId}`);
  await call(`${url}/things/abcdefabcdefabcdefabcdef`);
  await call(`${url}/things/x`);
  await call(`${url}/things`, { method: "POST", json: { name: "a" } });
  await call(`${url}/things`, { method: "DELETE" });
  await call(`${url}/throws`);
  const scrape = await Scrape.of(url);

  assert.equal(scrape.value(count, { method: "GET", route: "/things/:id", status: "200" }), 2);
  assert.equal(scrape.value(count, { method: "GET", route: "/things/:id", status: "422" }), 1);
  assert.equal(scrape.value(count, { method: "POST", route: "/things", status: "201" }), 1);
  assert.equal(scrape.value(count, { method: "DELETE", route: "/things", status: "405" }), 1);
  assert.equal(scrape.value(count, { method: "GET", route: "/throws", status: "500" }), 1);
});

test("When clients make up paths and methods, then no new label comes of it", async () => {
  const { url } = await startFrame();
  await Promise.all(Array.from({ length: 20 }, (_, i) => call(`${url}/made/up/${i}?${i}`)));
  for (const method of ["PROPFIND", "MKCOL", "LOCK", "TRACE"])
    await sendRaw(url, head(`${method} /x HTTP/1.1`, "Host: a"));
  const scrape = await Scrape.of(url);

  assert.deepEqual(scrape.values("route"), new Set(["other"]));
  assert.deepEqual(scrape.values("method"), new Set(["GET", "other"]));
  assert.equal(scrape.value(count, { method: "GET", route: "other", status: "404" }), 20);
  assert.equal(scrape.value(count, { method: "other", route: "other", status: "404" }), 4);
});

test("When requests are measured, then by the figure that X-Response-Time and the access log have", async () => {
  const { url, log } = await startFrame();
  const answers = [await call(`${url}/things/${thingId}`), await call(`${url}/things/${thingId}`)];
  const scrape = await Scrape.of(url);

  const shown = answers.map(({ headers }) => Number.parseFloat(headers.get("X-Response-Time") ?? ""));
  const labels = { method: "GET", route: "/things/:id", status: "200" };
  const sum = scrape.value("http_request_duration_seconds_sum", labels) ?? Number.NaN;
  assert.ok(Math.abs(sum * 1000 - shown.reduce((a, b) => a + b)) < 1e-6, `${sum} s, and ${shown} ms`);
  const logged = log().filter((line) => member(line, "path") === `/things/${thingId}`);
  const times = logged.map((line) => member(line, "response_time_ms"));
  assert.deepEqual(times, shown);
});

test("When two apps run in one process, then each counts its own requests", async () => {
  const [first, second] = await Promise.all([startFrame(), startFrame()]);
  await call(`${first.url}/things/${thingId}`);
  const labels = { method: "GET", route: "/things/:id", status: "200" };

  assert.equal((await Scrape.of(first.url)).value(count, labels), 1);
  assert.equal((await Scrape.of(second.url)).value(count, labels), undefined);
});

test("When a dependency is away, then dependency_up is 0, and 1 when it is back", async () => {
  let up = false;
  const { url } = await startFrame({ dependencies: [{ name: "rabbitmq", isCritical: () => true, isUp: () => up }] });
  const isUp = async () => (await Scrape.of(url)).value("dependency_up", { dependency: "rabbitmq" });

  assert.equal(await isUp(), 0);
  up = true;
  assert.equal(await isUp(), 1);
});

test("When /metrics is asked with another method, then the answer is 405 with Allow", async () => {
  const { url } = await startFrame();
  const answer = await call(`${url}/metrics`, { method: "POST" });

  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get("Allow"), "GET, HEAD");
});
