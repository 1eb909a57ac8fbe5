import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../scripts/runtime/free_port.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { ownEnvironment } from "../scripts/stack/own_environment.js";
import { runScript } from "./support/scripts.js";
import { testServers } from "./support/services.js";

const env = await ownEnvironment(testFolder("wrong_variables"), "embedded");
/** Where make up seems to have started something. */
const up = testFolder("wrong_variables_up");
mkdirSync(up, { recursive: true });
const record = { runtime: "embedded", replicas: 1, mongodbUri: "", rabbitmqUrl: "" };
writeFileSync(join(up, "stack.json"), JSON.stringify(record));
const nowhere = `http://127.0.0.1:${await freePort()}`;
const urls = { USERS_URL: nowhere, ORDERS_URL: nowhere };

/** A script, what it is given, and the only line that it may add to what it prints otherwise. */
const rows: readonly (readonly [script: string, settings: Readonly<Record<string, string>>, line: string | RegExp])[] =
  [
    ...["test_flow", "seed", "up"].map(
      (script) => [script, { USERS_PORT: "abc" }, 'USERS_PORT must be a port from 1 to 65535, and is "abc"'] as const,
    ),
    ...["test_flow", "seed"].flatMap((script) => [
      [script, { USERS_URL: "abc" }, /^USERS_URL must be a URL such as http:\/\/localhost:\d+, and is "abc"$/] as const,
      [script, { ORDERS_URL: "ftp://a" }, /^ORDERS_URL must be a URL such as .+, and is "ftp:\/\/a"$/] as const,
      [script, urls, new RegExp(`^${nowhere}/users/ can't be reached: .+$`)] as const,
    ]),
    ["seed", { ...urls, API_KEY: "ключ" }, /^http:\S+ can't be reached: .+$/],
    ...["ps", "watch", "restart"].map(
      (script) =>
        [
          script,
          { ORDERS_PORT: "0", UP_STATE_DIR: up },
          'ORDERS_PORT must be a port from 1 to 65535, and is "0"',
        ] as const,
    ),
    [
      "up",
      { MONGODB_URI: "abc", RABBITMQ_URL: testServers().rabbitmq },
      /^MONGODB_URI is set to abc, and no usable server/,
    ],
    ["up", { replicas: "0" }, 'replicas must be a whole number from 1 to 10, and is "0"'],
    ["up", { replicas: "two" }, 'replicas must be a whole number from 1 to 10, and is "two"'],
    ["up", { replicas: "2", ORDERS_PORT: "65530" }, /^Port 65540 would be needed, .+: set ORDERS_PORT to a lower one$/],
    ["up", { brokers: "2" }, 'brokers must be 1 or 3, and is "2"'],
    ["chaos", { brokers: "many" }, 'brokers must be 1 or 3, and is "many"'],
    ["up", { trace: "yes" }, 'trace must be 0 or 1, and is "yes"'],
    ["up", { runtime: "podman" }, 'runtime must be docker or embedded, and is "podman"'],
  ];

for (const [script, settings, line] of rows) {
  const asked = Object.entries(settings).flatMap(([name, value]) => (value === up ? [] : `${name}=${value}`));
  test(`When ${asked.join(" ")} is given to ${script}, then one line says what is wrong`, async () => {
    const { stderr, exitCode } = await runScript(script, { ...env, ...settings });
    assert.equal(exitCode, 1);
    const [, shown] = /^(?:Users .*\n|\n)*✖ (.+)$/.exec(stderr) ?? assert.fail(stderr);
    if (typeof line === "string") assert.equal(shown, line);
    else assert.match(shown ?? "", line);
  });
}
