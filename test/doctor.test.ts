import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { freePort } from "../scripts/runtime/free_port.js";
import { root } from "../scripts/runtime/paths.js";
import { onPath } from "../scripts/runtime/programs.js";
import { whatIsUp } from "../scripts/stack/runtime_choice.js";
import { hostPorts } from "../scripts/stack/settings.js";
import { listenLocally } from "./support/listening.js";
import { runScript, scriptsAlone } from "./support/scripts.js";
import { testServers } from "./support/services.js";

/** Runs `make doctor` with free ports and the test run's servers, unless `settings` say otherwise. */
async function doctor(settings: Readonly<Record<string, string>> = {}, folder = root) {
  const ports = await Promise.all(Object.keys(hostPorts).map(async (name) => [name, `${await freePort()}`]));
  const { mongodb: MONGODB_URI, rabbitmq: RABBITMQ_URL } = testServers();
  const env = { ...Object.fromEntries(ports), MONGODB_URI, RABBITMQ_URL, runtime: "embedded", ...settings };
  const { all, exitCode } = await runScript("doctor", env, folder);
  return { text: stripVTControlCharacters(all), exitCode };
}

// What is up decides how it goes on: there it would tell of that, and not of what is asked for here.
const skip = (await whatIsUp()) === undefined ? false : "make up is running";

test("When nothing is in the way, then make doctor says so, and what make up would use", { skip }, async () => {
  const { text, exitCode } = await doctor();
  assert.equal(exitCode, 0, text);
  assert.match(text, new RegExp(`✔ Node ${process.versions.node}, npm \\d+\\.\\d+\\.\\d+, make \\d`));
  assert.match(text, /✔ Runs processes of this machine \(runtime=embedded\)/);
  assert.match(text, /✔ MONGODB_URI=mongodb:\/\/\S+ responds/);
  assert.match(text, /✔ RABBITMQ_URL=amqp:\/\/guest:\*\*\*@\S+ responds/);
  assert.match(text, /✔ \d+ is free \(USERS_PORT\)/);
  assert.match(text, /Ready for make up/);
});

test("When a port is taken, then make doctor names who has it and the variable to set", { skip }, async (t) => {
  const server = createServer();
  const port = await listenLocally(server);
  t.after(() => server.close());
  const { text, exitCode } = await doctor({ ORDERS_PORT: `${port}` });
  assert.equal(exitCode, 1);
  assert.match(text, new RegExp(`✖ ${port} is taken by .*\\n +Stop it.*ORDERS_PORT=${port + 100} make up`));
});

test("When a server that is given does not answer, then make doctor names it, without its password", {
  skip,
}, async () => {
  const { text, exitCode } = await doctor({ RABBITMQ_URL: `amqp://me:secret@127.0.0.1:${await freePort()}` });
  assert.equal(exitCode, 1);
  assert.match(text, /✖ RABBITMQ_URL=amqp:\/\/me:\*\*\*@\S+ does not respond\n +Start it, or unset RABBITMQ_URL/);
});

test("When Python is there without venv, then make doctor says that there is no MongoDB, and what to install", {
  skip: skip || ((await onPath("mongod")) !== undefined && "mongod is installed"),
}, async () => {
  // A clone that has installed nothing yet, and knows that the genuine mongod can't be downloaded.
  const folder = scriptsAlone();
  mkdirSync(join(folder, ".state/tools"), { recursive: true });
  writeFileSync(join(folder, ".state/tools/mongod_download_failed"), "");
  const python = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.13.5\n';
  writeFileSync(join(folder, "python3"), python, { mode: 0o755 });
  const PATH = `${folder}:${process.env["PATH"]}`;
  const { text, exitCode } = await doctor({ MONGODB_URI: "", PATH }, folder);
  assert.equal(exitCode, 1);
  assert.match(text, /✖ MongoDB: not found\n +Install .*\n.*python3-venv/);
});

test("When no server is given, then make doctor installs none, and says what would be used", { skip }, async () => {
  const { text } = await doctor({ MONGODB_URI: "", RABBITMQ_URL: "" });
  assert.match(text, /(✔|•|✖) MongoDB: .+/);
  assert.match(text, /(✔|•|✖) RabbitMQ: .+/);
  assert.match(text, /is free \(MONGODB_PORT\)/);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
});
