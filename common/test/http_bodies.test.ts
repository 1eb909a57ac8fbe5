import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Answer, call, text } from "../../test/support/http.js";
import { assertProblem, mistakes } from "../../test/support/problem.js";
import { head, sendRaw } from "../../test/support/raw_http.js";
import { startFrame } from "../../test/support/test_app.js";

const { url } = await startFrame();
const things = `${url}/things`;
const valid = '{"name":"a"}';

function post(body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return call(things, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });
}

/** A valid body of exactly so many bytes. */
const ofBytes = (bytes: number): string => `{"name":"${"a".repeat(bytes - '{"name":""}'.length)}"}`;

const types = [
  "application/json",
  "Application/JSON",
  "application/json; charset=utf-8",
  'application/json;charset="UTF-8"',
];
for (const type of types)
  test(`When a body is sent as ${type}, then it is read`, async () => {
    const answer = await post(valid, { "Content-Type": type });

    assert.equal(answer.status, 201);
    assert.deepEqual(answer.body, { name: "a" });
  });

const otherTypes = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonp",
  "application/vnd.api+json",
  "application/json; charset=iso-8859-1",
  "application/json; charset=utf-16",
  "application/json; charset=klingon",
  "json",
  "*/*",
  ";",
];
for (const type of otherTypes)
  test(`When a body is sent as ${type}, then the answer is 415`, async () => {
    assertProblem(await post(valid, { "Content-Type": type }), 415);
  });

test("When a body has no Content-Type, then the answer is 415, also where there is no body", async () => {
  const lines = ["POST /things HTTP/1.1", "Host: a"];

  assertProblem(await sendRaw(url, head(...lines, `Content-Length: ${valid.length}`), valid), 415);
  assertProblem(await sendRaw(url, head(...lines)), 415);
});

const codings: readonly [string, (text: string) => Buffer][] = [
  ["gzip", gzipSync],
  ["GZIP", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["identity", Buffer.from],
];
for (const [coding, compress] of codings)
  test(`When a body is sent with Content-Encoding: ${coding}, then it is read`, async () => {
    const answer = await post(new Uint8Array(compress(valid)), { "Content-Encoding": coding });

    assert.equal(answer.status, 201);
    assert.deepEqual(answer.body, { name: "a" });
  });

for (const coding of ["compress", "gzip, gzip", "utf-8", "x"])
  test(`When a body is sent with Content-Encoding: ${coding}, then the answer is 415`, async () => {
    assertProblem(await post(valid, { "Content-Encoding": coding }), 415);
  });

test("When a body has 102,400 bytes, then it is read, and with one more the answer is 413", async () => {
  assert.equal((await post(ofBytes(102_400))).status, 201);
  assertProblem(await post(ofBytes(102_401)), 413);
});

test("When a body comes in chunks, then the same limit holds", async () => {
  const chunked = (body: string) => {
    const request = head(
      "POST /things HTTP/1.1",
      "Host: a",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
    );
    return sendRaw(url, request, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  };

  assert.equal((await chunked(ofBytes(102_400))).status, 201);
  assertProblem(await chunked(ofBytes(102_401)), 413);
});

test("When a compressed body is small and what it holds is not, then the answer is 413, and the service lives", async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
  assert.ok(bomb.length < 102_400);

  assertProblem(await post(new Uint8Array(bomb), { "Content-Encoding": "gzip" }), 413);
  assertProblem(await post(new Uint8Array(gzipSync(ofBytes(102_401))), { "Content-Encoding": "gzip" }), 413);
  assert.equal((await post(new Uint8Array(gzipSync(ofBytes(102_400))), { "Content-Encoding": "gzip" })).status, 201);
});

const broken: readonly [string, string | Uint8Array<ArrayBuffer>, Readonly<Record<string, string>>?][] = [
  ["an open brace", "{"],
  ["a trailing comma", '{"name":"a",}'],
  ["single quotes", "{'name':'a'}"],
  ["two documents", `${valid}${valid}`],
  ["NaN", '{"name":NaN}'],
  ["a comment", `${valid} // a`],
  ["white space alone", " \n"],
  ["nothing", ""],
  ["text that is no JSON", "name=a"],
  ["bytes that are no UTF-8", new Uint8Array([0x7b, 0x22, 0x6e, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ["a UTF-8 sequence that was cut off", new Uint8Array([...Buffer.from('{"name":"'), 0xe2, 0x82, 0x22, 0x7d])],
  ["an overlong UTF-8 sequence", new Uint8Array([...Buffer.from('{"name":"'), 0xc0, 0xaf, 0x22, 0x7d])],
  ["a surrogate in UTF-8", new Uint8Array([...Buffer.from('{"name":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d])],
  ["text that is no gzip", valid, { "Content-Encoding": "gzip" }],
  ["gzip that was cut off", new Uint8Array(gzipSync(valid).subarray(0, 20)), { "Content-Encoding": "gzip" }],
];
for (const [what, body, headers] of broken)
  test(`When a body is ${what}, then the answer is 400, without a word of the body`, async () => {
    const answer = await post(body, headers);

    assertProblem(answer, 400, "/things");
    assert.doesNotMatch(text(answer.body, "detail"), /name|token|position|surrogate/i);
  });

for (const body of ["[]", '[{"name":"a"}]', "null", "5", "true", '"name"'])
  test(`When a body is ${body}, which is JSON and no object, then the answer is 422`, async () => {
    const answer = await post(body);

    assertProblem(answer, 422);
    assert.deepEqual(mistakes(answer), ["body "]);
  });

test("When a body has a byte-order mark, then it is read all the same", async () => {
  assert.equal((await post(`\ufeff${valid}`)).status, 201);
});

test("When a body is nested as deep as its size allows, then the answer is 422", async () => {
  const depth = 51_000;

  assertProblem(await post(`${"[".repeat(depth)}${"]".repeat(depth)}`), 422);
});
