import assert from "node:assert/strict";
import { test } from "node:test";

import { assertProblem } from "../../test/support/problem.js";
import { head, type RawAnswer, sendRaw } from "../../test/support/raw_http.js";
import { startFrame } from "../../test/support/test_app.js";

const key = "0123456789abcdef";
const settings = { API_KEY: key, RATE_LIMIT_PER_MINUTE: "1" };
const tooLong = `{"name":"${"a".repeat(102_400)}`;

interface Mistakes {
  readonly host?: readonly string[];
  readonly key?: string;
  readonly line?: string;
  readonly type?: string;
  readonly body?: string;
}

/** A request to the frame that is right but for what is given. */
function request(url: string, { host = ["Host: a"], key: sent = key, line, type, body }: Mistakes): Promise<RawAnswer> {
  const sentBody = body ?? '{"name":"a"}';
  const lines = [
    `${line ?? "POST /things"} HTTP/1.1`,
    ...host,
    `Authorization: Bearer ${sent}`,
    `Content-Type: ${type ?? "application/json"}`,
    `Content-Length: ${sentBody.length}`,
  ];
  return sendRaw(url, head(...lines), sentBody);
}

test("When all is wrong with a request, then the Host is what it is refused for", async () => {
  const { url } = await startFrame({ settings });
  await request(url, {});

  assertProblem(await request(url, { host: [], key: "x", line: "PUT /nothing", type: "x", body: tooLong }), 400);
});

test("When all but the Host is wrong with a request, then the rate is what it is refused for", async () => {
  const { url } = await startFrame({ settings });
  await request(url, {});

  assertProblem(await request(url, { key: "x", line: "PUT /nothing", type: "x", body: tooLong }), 429);
});

const behindTheRate: readonly (readonly [string, Mistakes, number])[] = [
  ["all but the Host and the rate", { key: "x", line: "PUT /nothing", type: "x", body: tooLong }, 401],
  ["all from the route on", { line: "PUT /nothing", type: "x", body: tooLong }, 404],
  ["all from the method on", { line: "PUT /things", type: "x", body: tooLong }, 405],
  ["all from the media type on", { type: "x", body: tooLong }, 415],
  ["its size and syntax", { body: tooLong }, 413],
  ["its syntax and a rule of the query", { line: "POST /things?a=1", body: '{"name":' }, 400],
  ["rules alone", { body: "{}" }, 422],
  ["nothing", {}, 201],
];
for (const [what, mistakes, status] of behindTheRate)
  test(`When what is wrong with a request is ${what}, then the answer is ${status}`, async () => {
    const { url } = await startFrame({ settings: { API_KEY: key } });
    const answer = await request(url, mistakes);

    if (status === 201) assert.equal(answer.status, 201);
    else assertProblem(answer, status);
  });
