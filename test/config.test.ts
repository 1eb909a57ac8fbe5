import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { readEnvFile } from "@order-flow/common/config/env_file.js";
import type { ServiceName } from "@order-flow/common/config/variables.js";
import dotenv from "dotenv";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { entryOf, serviceNamed } from "../scripts/stack/services.js";
import { call } from "./support/http.js";
import { listenLocally } from "./support/listening.js";
import { ServiceProcess } from "./support/processes.js";
import { runScript, scriptsAlone } from "./support/scripts.js";
import { databaseUri, uniqueName } from "./support/services.js";

const services = ["user_service", "orders_service", "notifications_service"] as const;

type Settings = Readonly<Record<string, string | undefined>>;

/** Starts a service that must refuse to run, and returns what it says on standard error, line by line. */
async function refusal(service: ServiceName, settings: Settings, entry?: string): Promise<readonly string[]> {
  const child = await ServiceProcess.start(service, settings, entry === undefined ? {} : { entry });
  assert.deepEqual(await child.ended, { code: 1, signal: null });
  assert.equal(child.output, "");
  return child.errors.split("\n").filter((line) => line !== "");
}

const invalid = "The configuration is not valid:";

const mistakesInHttp = [
  "  NODE_ENV must be one of development, test, production",
  "  API_KEY each key must have at least 16 visible ASCII characters (or say none)",
  "  RATE_LIMIT_PER_MINUTE must be a whole number from 0 to 1000000000",
  "  TRUST_PROXY must be a whole number from 0 to 10",
  "  CORS_ORIGINS must be origins such as https://app.example.com, separated by commas",
  "  METRICS must be one of closed, open",
  "  LOG_LEVEL must be one of error, warn, info, debug",
  "  LOG_FORMAT must be one of pretty, json, auto",
  "  OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://localhost:4318",
  "  PORT must be a whole number from 0 to 65535",
  "  MONGODB_URI must be a URI such as mongodb://localhost:27017",
];
const mistakesInRabbit = [
  "  RABBITMQ_URL must be a URL such as amqp://guest:guest@localhost:5672, or several separated by commas",
  "  ORDERS_QUEUE must be 1 to 200 of A-Z a-z 0-9 _ . : - and not start with amq.",
];
const mistakes = {
  user_service: [...mistakesInHttp, "  BCRYPT_ROUNDS must be a whole number from 10 to 15"],
  orders_service: [
    ...mistakesInHttp,
    ...mistakesInRabbit,
    "  ORDERS_EXCHANGE must be 1 to 200 of A-Z a-z 0-9 _ . : - and not start with amq.",
  ],
  notifications_service: [...mistakesInHttp, ...mistakesInRabbit],
};

const missing = {
  API_KEY: "  API_KEY is missing: bearer keys, separated by commas; none opens the service on purpose",
  MONGODB_URI: "  MONGODB_URI is missing: MongoDB; without a database name in it each service uses its own",
  RABBITMQ_URL: "  RABBITMQ_URL is missing: RabbitMQ; of a cluster the URLs of its nodes, separated by commas",
};
const required = {
  user_service: [missing.API_KEY, missing.MONGODB_URI],
  orders_service: [missing.API_KEY, missing.MONGODB_URI, missing.RABBITMQ_URL],
  notifications_service: [missing.API_KEY, missing.RABBITMQ_URL],
};

for (const service of services) {
  test(`When every variable of ${service} is wrong, then one message names them all, and no value`, async () => {
    const message = await refusal(service, {
      NODE_ENV: "prod",
      PORT: "99999",
      API_KEY: "hunter2",
      RATE_LIMIT_PER_MINUTE: "-1",
      TRUST_PROXY: "true",
      CORS_ORIGINS: "*",
      METRICS: "opne",
      LOG_LEVEL: "loud",
      LOG_FORMAT: "xml",
      OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318",
      MONGODB_URI: "http://ada:hunter2@localhost",
      RABBITMQ_URL: "http://ada:hunter2@localhost",
      ORDERS_QUEUE: "amq.orders",
      ORDERS_EXCHANGE: "orders exchange",
      BCRYPT_ROUNDS: "4",
    });

    assert.deepEqual([...message].sort(), [invalid, ...mistakes[service]].sort());
  });

  test(`When ${service} is to run in production with nothing set, then it names all that must be set`, async () => {
    assert.deepEqual(await refusal(service, { NODE_ENV: "production" }), [invalid, ...required[service]]);
  });

  test(`When the port of ${service} is taken, then it says so, names PORT, and ends with 1`, async () => {
    const other = createServer();
    const port = `${await listenLocally(other)}`;
    const message = await refusal(service, { PORT: port });
    other.close();

    assert.deepEqual(message, [`Port ${port} is taken; set PORT to another one.`]);
  });
}

/** Wrong where the syntax is right: only the driver knows. */
const unusable: readonly [string, string][] = [
  ["mongodb://localhost/?no_such_option=1", "option no_such_option is not supported"],
  ["mongodb://localhost:99999", "Unable to parse localhost:99999 with URL"],
];

for (const [uri, reason] of unusable) {
  test(`When the driver can't use MONGODB_URI (${reason}), then the service ends with 1 and says so`, async () => {
    for (const service of services)
      assert.deepEqual(await refusal(service, { MONGODB_URI: uri }), [`MONGODB_URI can't be used: ${reason}`]);
  });
}

const production = { NODE_ENV: "production", MONGODB_URI: databaseUri(uniqueName("config")) };

test("When API_KEY is none in production, then the service is open on purpose", async () => {
  const service = await ServiceProcess.start("user_service", { ...production, API_KEY: "none" });
  await service.answers();

  assert.equal((await call(`${service.url}/users`)).status, 200);
});

test("When API_KEY has two keys, then each opens the service, and nothing else does", async () => {
  const keys = ["0123456789abcdef", "another-key-of-16-or-more"];
  const service = await ServiceProcess.start("user_service", { ...production, API_KEY: keys.join(", ") });
  await service.answers();
  const get = (key: string) => call(`${service.url}/users`, { headers: { Authorization: `Bearer ${key}` } });
  const tries = [...keys, keys.join(", "), "none", "0123456789abcde"];
  const statuses = (await Promise.all(tries.map(get))).map(({ status }) => status);

  assert.deepEqual(statuses, [200, 200, 401, 401, 401]);
});

/** A copy of user_service in a folder of its own, so that its `.env` and the root's can be anything. */
function copyOfUserService(): { readonly folder: string; readonly entry: string } {
  const folder = testFolder(uniqueName("env"));
  mkdirSync(join(folder, "user_service"), { recursive: true });
  for (const part of ["dist", "package.json"])
    cpSync(join(root, "user_service", part), join(folder, "user_service", part), { recursive: true });
  const entry = entryOf(serviceNamed("user_service")).replace(join(root, "user_service"), join(folder, "user_service"));
  return { folder, entry };
}

test("When both .env files and the environment have a variable, then the environment wins, then the service's", async () => {
  const { folder, entry } = copyOfUserService();
  writeFileSync(join(folder, "user_service", ".env"), "LOG_LEVEL=wrong\nMETRICS=wrong\nLOG_FORMAT=json\n");
  writeFileSync(join(folder, ".env"), "LOG_LEVEL=wrong\nMETRICS=open\nLOG_FORMAT=wrong\nTRUST_PROXY=wrong\n");
  const unset = { METRICS: undefined, LOG_FORMAT: undefined, TRUST_PROXY: undefined };
  const message = await refusal("user_service", { LOG_LEVEL: "info", ...unset }, entry);

  assert.deepEqual(message, [
    invalid,
    "  TRUST_PROXY must be a whole number from 0 to 10",
    "  METRICS must be one of closed, open",
  ]);
});

const utf16 = (text: string) => Buffer.from(text, "utf16le");

/** What can stand where a `.env` should, and what is said of it behind its path. */
const unusableFiles: readonly [string, (path: string) => void, string][] = [
  ["a directory", (path) => mkdirSync(path), " can't be read: EISDIR: illegal operation on a directory, read"],
  ["a link to nothing", (path) => symlinkSync("nowhere", path), " can't be read: ENOENT: no such file or directory"],
  ["a link to itself", (path) => symlinkSync(".env", path), " can't be read: ELOOP: too many symbolic links"],
  ["UTF-16 with its mark", (path) => writeFileSync(path, utf16("\ufeffAPI_KEY=abcdefghijklmnop\r\n")), " is not UTF-8"],
  ["UTF-16 without a mark", (path) => writeFileSync(path, utf16("API_KEY=abcdefghijklmnop\n")), " is not UTF-8 text"],
  ["Latin-1", (path) => writeFileSync(path, Buffer.from("API_KEY=schlüsselschlüssel\n", "latin1")), " is not UTF-8"],
  ["no line that parses", (path) => writeFileSync(path, "API_KEY abcdefghijklmnop\n"), ":1 is not of the form"],
  ["one line that does not parse", (path) => writeFileSync(path, "# key\nLOG_LEVEL=info\nAPI_KEY\n"), ":3 is not of"],
  ["JSON", (path) => writeFileSync(path, '{ "API_KEY": "abcdefghijklmnop" }'), ":1 is not of the form NAME=value"],
  ["an open quote", (path) => writeFileSync(path, 'API_KEY="abcdefghijklmnop\nMETRICS=open\n'), ":1 has a quote that"],
  ["a # in a value", (path) => writeFileSync(path, "API_KEY=abcdefghijklmnop#rest\n"), ":1 has a # in its value"],
  [
    "a # before a value",
    (path) => writeFileSync(path, "A=1\n\nAPI_KEY=#abcdefghijklmnop\n"),
    ":3 has a # in its value",
  ],
];

for (const [what, write, reason] of unusableFiles)
  for (const place of ["", "user_service"])
    test(`When .env in ${place || "the root"} is ${what}, then the service ends with 1 and says so`, async () => {
      const { folder, entry } = copyOfUserService();
      const path = join(folder, place, ".env");
      write(path);
      const message = await refusal("user_service", { API_KEY: undefined }, entry);

      assert.equal(message.length, 1);
      assert.ok(message[0]?.startsWith(path + reason), message[0]);
    });

test("When a .env has all that dotenv allows, then it is read as dotenv reads it", () => {
  const folder = testFolder(uniqueName("env"));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, ".env");
  const text = `\ufeff# a comment, "with a quote
A=1\r
export B = two words # and a comment
C: 3
D='a # in "quotes"' # and behind
E="two
lines # of = it"
F=\`x'y\`
G=
H=it's
# API_KEY="old
I="new" # 'tis it
# don't
1.x-y=z

`;
  writeFileSync(path, text);
  assert.deepEqual(readEnvFile(path), dotenv.parse(text));
  assert.equal(Object.keys(readEnvFile(path)).length, 10);
  writeFileSync(path, "");
  assert.deepEqual(readEnvFile(path), {});
  assert.deepEqual(readEnvFile(join(folder, "none")), {});
});

test("When text that is no comment follows a value in quotes, which dotenv would cut at a #, then that is refused", () => {
  const folder = testFolder(uniqueName("env"));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, ".env");
  const endings = [(quote: string) => `${quote} x`, (quote: string) => `${quote}x`, (quote: string) => `\nb${quote} x`];
  for (const quote of ['"', "'", "`"])
    for (const ending of endings)
      for (const start of ["API_KEY=", " export API_KEY = ", "API_KEY: "]) {
        const text = `METRICS=open\n${start}${quote}0123456789abcdef#rest${ending(quote)} # and behind\n`;
        writeFileSync(path, text);
        const message = `${path}:2 has a quote that is not closed, or text behind the closing one`;
        assert.throws(() => readEnvFile(path), { name: "ConfigError", message }, text);
      }
  writeFileSync(path, "A='a#b'#c\n");
  assert.deepEqual(readEnvFile(path), { A: "a#b" });
});

test("When the root's .env can't be used, then make commands say so", async () => {
  const folder = scriptsAlone();
  writeFileSync(join(folder, ".env"), "USERS_PORT 4001\n");
  const { exitCode, stderr, stdout } = await runScript("ps", {}, folder);
  const where = join(folder, ".env");
  assert.deepEqual([exitCode, stderr, stdout], [1, `✖ ${where}:1 is not of the form NAME=value`, ""]);
});
