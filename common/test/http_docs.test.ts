import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { docsRoutes } from "@order-flow/common/http/openapi/docs.js";
import { openApiDocument } from "@order-flow/common/http/openapi/openapi.js";
import { stopServer } from "@order-flow/common/http/server.js";
import express from "express";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { afterAll } from "../../test/support/cleanup.js";
import { listenLocally, serve } from "../../test/support/listening.js";
import { uniqueName } from "../../test/support/services.js";
import { startFrame, thingId } from "../../test/support/test_app.js";

const { url } = await startFrame();

test("When /docs/index.html is asked for, then it is the page", async () => {
  const response = await fetch(`${url}/docs/index.html`);

  assert.equal(response.status, 200);
  assert.match(await response.text(), /swagger-ui/);
});

test("When / is asked for, then it leads to the page, whose title is the service's", async () => {
  const response = await fetch(`${url}/`);

  assert.equal(response.url, `${url}/docs/`);
  assert.match(await response.text(), /<title>things<\/title>/);
});

test("When a proxy strips a path prefix, then all that the page loads stays under it", async () => {
  const redirect = await fetch(`${url}/docs`, { redirect: "manual" });
  const settings = await (await fetch(`${url}/docs/swagger-ui-init.js`)).text();

  assert.equal(redirect.headers.get("Location"), "docs/");
  assert.match(settings, /"swaggerUrl": "\.\.\/openapi\.json"/);
});

test("When a proxy strips a path prefix, then the page loads, and calls the service behind it", async () => {
  const server = createServer((req, res) => {
    const [, path] = /^\/users-api(\/.*)$/.exec(req.url ?? "") ?? [];
    if (path === undefined) {
      res.writeHead(404).end();
      return;
    }
    const forward = request(`${url}${path}`, { headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(res);
    });
    forward.end();
  });
  afterAll(() => stopServer(server, 0));
  const page = await fetch(`http://127.0.0.1:${await listenLocally(server)}/users-api/docs`);
  const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
  const load = async (link: string, base = page.url) => {
    const loaded = await fetch(new URL(link, base));
    assert.equal(loaded.status, 200, loaded.url);
    return loaded;
  };
  const settings = await (await load("swagger-ui-init.js")).text();
  const openApi = await load(/"swaggerUrl": "([^"]+)"/.exec(settings)?.[1] ?? "");
  const [{ url: servedAt }] = Object(await openApi.json()).servers;

  assert.ok(links.length > 3);
  for (const link of links) await load(link);
  await load(`things/${thingId}`, new URL(servedAt, openApi.url).href);
});

test("When the folder of a clone has characters of globs in its name, then the document is whole", () => {
  const folder = join(testFolder(uniqueName("globs")), "[work] {a,b} (c)");
  mkdirSync(folder, { recursive: true });
  const [file, empty] = [join(folder, "routes.js"), join(folder, "empty.js")];
  writeFileSync(file, "/**\n * @openapi\n * /things:\n *   get: { responses: { 200: { description: All } } }\n */\n");
  writeFileSync(empty, "");
  const documentOf = (routeFile: string) =>
    openApiDocument({
      title: "Things",
      description: "",
      path: "/things",
      components: { schemas: {}, responses: {}, parameters: {}, headers: {} },
      problems: {},
      withApiKey: false,
      routes: pathToFileURL(routeFile),
    });

  assert.deepEqual(Object.keys(documentOf(file).paths), ["/things", "/health", "/ready"]);
  assert.throws(() => documentOf(empty), /no @openapi comment describes \/things/);
});

test("When the document could not be made, then the next request tries again", async () => {
  let attempts = 0;
  const app = express().use(
    docsRoutes(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("EMFILE");
      return { openapi: "3.1.0", info: { title: "things" } };
    }),
  );
  app.set("env", "test");
  const failing = await serve(app);
  const get = async () => (await fetch(`${failing.url}/openapi.json`)).status;

  assert.deepEqual([await get(), await get()], [500, 200]);
});
