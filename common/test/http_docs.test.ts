import assert from "node:assert/strict";
import { test } from "node:test";
import { docsRoutes } from "@order-flow/common/http/openapi/docs.js";
import { listen, listeningPort, stopServer } from "@order-flow/common/http/server.js";
import express from "express";
import { afterAll } from "../../test/support/cleanup.js";
import { startFrame } from "../../test/support/test_app.js";

const { url } = await startFrame();

test("When /docs/index.html is asked for, then it is the page", async () => {
  const response = await fetch(`${url}/docs/index.html`);

  assert.equal(response.status, 200);
  assert.match(await response.text(), /swagger-ui/);
});

test("When a proxy strips a path prefix, then all that the page loads stays under it", async () => {
  const redirect = await fetch(`${url}/docs`, { redirect: "manual" });
  const settings = await (await fetch(`${url}/docs/swagger-ui-init.js`)).text();

  assert.equal(redirect.headers.get("Location"), "docs/");
  assert.match(settings, /"swaggerUrl": "\.\.\/openapi\.json"/);
});

test("When the document could not be made, then the next request tries again", async () => {
  let attempts = 0;
  const app = express().use(
    docsRoutes(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("EMFILE");
      return { openapi: "3.1.0" };
    }),
  );
  app.set("env", "test");
  const server = await listen(app, 0);
  afterAll(() => stopServer(server, 0));
  const get = async () => (await fetch(`http://127.0.0.1:${listeningPort(server)}/openapi.json`)).status;

  assert.deepEqual([await get(), await get()], [500, 200]);
});
