// What is done for speed must not be seen: the same answers, byte for byte, as from Express and helmet by themselves.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { useFastJson } from "@order-flow/common/http/fast_path/json.js";
import { securityHeaders } from "@order-flow/common/http/middleware/security.js";
import { listeningPort, stopServer } from "@order-flow/common/http/server.js";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { afterAll } from "../../test/support/cleanup.js";
import { serve } from "../../test/support/listening.js";
import { head } from "../../test/support/raw_http.js";

const directives = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
const ownHelmet = helmet({ contentSecurityPolicy: { useDefaults: false, directives } });

/** The ways of Express that routes and middlewares use. */
function appWith(headers: RequestHandler): Express {
  const app = express().disable("x-powered-by").disable("etag");
  app.use(headers);
  app.get("/json/:id", (req, res) => {
    res.status(201).location("/x").json({ id: req.params.id, text: "é\u2028<" });
  });
  app.get("/tagged", (_req, res) => {
    res.set("ETag", '"1"').json({ version: 1 });
  });
  app.get("/problem", (_req, res) => {
    res.status(404).set("Content-Type", "application/problem+json; charset=utf-8").json({ status: 404 });
  });
  app.get("/undefined", (_req, res) => {
    res.json(undefined);
  });
  app.get("/seen", (req, res) => {
    res.json([req.ip, req.get("X-A"), req.query, req.path, req.hostname, req.protocol, req.xhr, res.app === app]);
  });
  app.get("/text", (_req, res) => void res.type("text").send("text"));
  return app;
}

const asItComes = createServer(appWith(ownHelmet)).listen(0);
afterAll(() => stopServer(asItComes, 0));
const fast = appWith(securityHeaders());
useFastJson(fast);
const ours = (await serve(fast)).port;
const plain = listeningPort(asItComes);

const requests = [
  ["GET /json/1"],
  ["HEAD /json/1"],
  ["GET /tagged"],
  ["GET /tagged", 'If-None-Match: "1"'],
  ["GET /tagged", 'If-None-Match: "0"'],
  ["GET /problem"],
  ["GET /undefined"],
  ["GET /seen?a=1&a=2"],
  ["GET /text"],
  ["GET /nothing"],
];
for (const [request = "", ...headers] of requests)
  test(`When ${[request, ...headers].join(", ")} is asked of Express as we use it, then the answer is that of Express as it comes`, async () => {
    const [wanted = "", found = ""] = await Promise.all([plain, ours].map((port) => exchange(port, request, headers)));
    const comparable = (answer: string) =>
      answer
        .replace(/^(Date|Connection|Keep-Alive): .*\r\n/gim, "")
        .split("\r\n")
        .sort();

    assert.match(wanted, /^HTTP\/1\.1 /);
    assert.deepEqual(comparable(found), comparable(wanted));
  });

function exchange(port: number, request: string, headers: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(head(`${request} HTTP/1.1`, "Host: a", "X-A: 1", ...headers));
  return text(socket);
}

test("When a request has come in, then it and its response have the prototypes that Express would set", async () => {
  const app = express();
  const seen: boolean[] = [];
  const { server, url } = await serve(app);
  server.prependListener("request", (req, res) => {
    seen.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response);
  });
  await fetch(url);

  assert.deepEqual(seen, [true, true]);
});
