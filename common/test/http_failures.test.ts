import assert from "node:assert/strict";
import { test } from "node:test";
import { call, member, text } from "../../test/support/http.js";
import { assertProblem } from "../../test/support/problem.js";
import { startFrame } from "../../test/support/test_app.js";

const { url, log } = await startFrame();

const failures = (requestId: string) =>
  log().filter((line) => member(line, "level") === "error" && member(line, "request_id") === requestId);

for (const path of ["/throws", "/throws-a-status", "/rejects"])
  test(`When the code fails (${path}), then the answer is 500, with nothing but the request's id`, async () => {
    const answer = await call(`${url}${path}`, { headers: { "X-Request-Id": "id-1" } });

    assertProblem(answer, 500, path);
    const names = ["type", "title", "status", "detail", "instance", "request_id"];
    assert.deepEqual(Object.keys(Object(answer.body)), names);
    assert.equal(text(answer.body, "request_id"), "id-1");
    assert.doesNotMatch(JSON.stringify([answer.body, ...answer.headers]), /hunter2/);
  });

test("When the code throws an error, then the log has it once, with its stack and the request's id", async () => {
  await call(`${url}/throws`, { headers: { "X-Request-Id": "id-2" } });
  const [line = {}, ...others] = failures("id-2");

  assert.deepEqual(others, []);
  assert.equal(member(line, "message"), "unexpected error");
  const error = member(line, "error");
  assert.equal(member(error, "name"), "Error");
  assert.equal(member(error, "message"), "the password is hunter2");
  assert.match(text(error, "stack"), /^Error: the password is hunter2\n {4}at .*test_app\.[jt]s:\d+/);
});

test("When the code throws what is no error, then the log has that", async () => {
  await call(`${url}/rejects`, { headers: { "X-Request-Id": "id-3" } });

  const errors = failures("id-3").map((line) => member(line, "error"));
  assert.deepEqual(errors, ["the password is hunter2"]);
});

test("When a client's mistake is answered, then the log has no error", async () => {
  await call(`${url}/nothing`, { headers: { "X-Request-Id": "id-4" } });
  await call(`${url}/things`, {
    method: "POST",
    body: "{",
    headers: { "Content-Type": "application/json", "X-Request-Id": "id-4" },
  });

  assert.deepEqual(failures("id-4"), []);
});

test("When the code has failed, then the service goes on", async () => {
  await call(`${url}/throws`);

  assert.equal((await call(`${url}/health`)).status, 200);
});

for (const path of ["/validation-error", "/cast-error"])
  test(`When only Mongoose refuses a value (${path}), then the answer is 422, with nothing of its words`, async () => {
    const frame = await startFrame();
    const answer = await call(`${frame.url}${path}`);

    assertProblem(answer, 422, path);
    assert.equal(text(answer.body, "detail"), "A value of the request is not valid.");
    assert.equal(member(answer.body, "errors"), undefined);
  });
