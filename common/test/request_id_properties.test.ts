import assert from "node:assert/strict";
import { test } from "node:test";
import { requestId, requestIdOf, requestIdPattern } from "@order-flow/common/http/middleware/request_id.js";
import express from "express";
import fc from "fast-check";
import { call, member } from "../../test/support/http.js";
import { serve } from "../../test/support/listening.js";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const app = express().use(requestId, (_req, res) => {
  res.json({ id: requestIdOf(res) });
});
const { url } = await serve(app);

/** The id that a request gets, in its response's header and inside. */
async function idsFor(given: string): Promise<readonly unknown[]> {
  const answer = await call(url, { headers: { "X-Request-Id": given } });
  return [answer.headers.get("X-Request-Id"), member(answer.body, "id")];
}

test("When a client's request id is fit, then it is the request's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(new RegExp(requestIdPattern)), async (given) => {
      assert.deepEqual(await idsFor(given), [given, given]);
    }),
  );
});

test("When it is whatever a header can hold, then the request's id is it, if it is fit, or else a new one", async () => {
  // What fetch sends: Latin-1 without control characters.
  const character = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code < 0x7f || code > 0x9f);
  const header = fc.array(character, { maxLength: 200 }).map((codes) => String.fromCharCode(...codes).trim());
  await fc.assert(
    fc.asyncProperty(header, async (given) => {
      const [sent, inside] = await idsFor(given);

      assert.equal(sent, inside);
      assert.match(String(sent), new RegExp(requestIdPattern).test(given) ? new RegExp(requestIdPattern) : uuid);
      if (new RegExp(requestIdPattern).test(given)) assert.equal(sent, given);
    }),
  );
});

test("When no id comes with many requests, then no two get the same", async () => {
  const ids = await Promise.all(Array.from({ length: 200 }, async () => (await idsFor(""))[0]));

  assert.equal(new Set(ids).size, ids.length);
});
