import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "@order-flow/common/config/config.js";
import { ConfigError } from "@order-flow/common/config/config_error.js";
import { httpVariables, portVariable, variables } from "@order-flow/common/config/variables.js";

const specs = { ...variables, ...httpVariables, PORT: portVariable("user_service") };
const key = "0123456789abcdef";

const accepted: readonly [keyof typeof specs, string, unknown][] = [
  ["PORT", "0", 0],
  ["PORT", "65535", 65_535],
  ["BCRYPT_ROUNDS", "10", 10],
  ["BCRYPT_ROUNDS", "15", 15],
  ["API_KEY", "none", []],
  ["API_KEY", key, [key]],
  ["API_KEY", `${key} , ${key}2`, [key, `${key}2`]],
  ["CORS_ORIGINS", "https://a.example,http://b.example:8080", ["https://a.example", "http://b.example:8080"]],
  ["MONGODB_URI", "mongodb+srv://ada:p%40ss@cluster.example/", "mongodb+srv://ada:p%40ss@cluster.example/"],
  ["MONGODB_URI", "mongodb://a:1,b:2/orders?replicaSet=r", "mongodb://a:1,b:2/orders?replicaSet=r"],
  ["RABBITMQ_URL", "amqps://ada:p%40ss@broker.example/%2f", ["amqps://ada:p%40ss@broker.example/%2f"]],
  ["RABBITMQ_URL", "amqp://a:p,w@r1,AMQPS://r2:5671 , amqp://r3", ["amqp://a:p,w@r1", "AMQPS://r2:5671", "amqp://r3"]],
  ["RABBITMQ_URL", "amqp://a:b@[::1]:5672/v%40h?heartbeat=4", ["amqp://a:b@[::1]:5672/v%40h?heartbeat=4"]],
  ["ORDERS_QUEUE", "q".repeat(200), "q".repeat(200)],
];

for (const [name, text, value] of accepted) {
  test(`When ${name} is ${text.slice(0, 50)}, then it is taken`, () => {
    assert.deepEqual(readConfig(specs, { [name]: text })[name], value);
  });
}

const refused: readonly [keyof typeof specs, string][] = [
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "3001.5"],
  ["PORT", "0x10"],
  ["PORT", "1e3"],
  ["PORT", " 80"],
  ["BCRYPT_ROUNDS", "9"],
  ["BCRYPT_ROUNDS", "16"],
  ["API_KEY", "abc"],
  ["API_KEY", `${key},short`],
  ["API_KEY", `${key},`],
  ["API_KEY", `none,${key}`],
  ["API_KEY", "0123456789 abcdef"],
  ["CORS_ORIGINS", "https://a.example/"],
  ["METRICS", "Open"],
  ["NODE_ENV", "Production"],
  ["MONGODB_URI", "mongodb://"],
  ["MONGODB_URI", "mongodb://ada:p@ss@localhost"],
  ["MONGODB_URI", "localhost:27017"],
  ["MONGODB_URI", "mongodb://h/my.db"],
  ["MONGODB_URI", "mongodb://h/my%20db"],
  ["MONGODB_URI", `mongodb://h/${"d".repeat(64)}`],
  ["MONGODB_URI", "mongodb://ada:1#2@localhost"],
  ["MONGODB_URI", "mongodb://ada:1/2@localhost"],
  ["RABBITMQ_URL", "amqp://"],
  ["RABBITMQ_URL", "amqp:localhost"],
  ["RABBITMQ_URL", "amqp://localhost:99999"],
  ["RABBITMQ_URL", "amqp://ada:100%@localhost"],
  ["RABBITMQ_URL", "amqp://localhost?heartbeat=abc"],
  ["RABBITMQ_URL", "amqp://localhost?heartbeat=-1"],
  ["RABBITMQ_URL", "amqp://localhost?frameMax=4k"],
  ["RABBITMQ_URL", "amqp://ada:1#2@localhost"],
  ["RABBITMQ_URL", "amqp://ada:1/2@localhost"],
  ["RABBITMQ_URL", "amqp://ada:1?2@localhost"],
  ["RABBITMQ_URL", "amqp://u:p@a,b,c:5672/"],
  ["RABBITMQ_URL", "amqp://a host"],
  ["RABBITMQ_URL", "amqp://r1,r2"],
  ["RABBITMQ_URL", "amqp://r1,"],
  ["RABBITMQ_URL", "amqp://r1,amqp://r2:99999"],
  ["ORDERS_QUEUE", "orders queue"],
  ["ORDERS_QUEUE", "q".repeat(201)],
];

for (const [name, text] of refused) {
  test(`When ${name} is ${text.slice(0, 50)}, then it is refused by its name alone`, () => {
    const message = new RegExp(`^The configuration is not valid:\\n {2}${name} .+$`);
    assert.throws(() => readConfig(specs, { [name]: text }), { name: "ConfigError", message });
  });
}

test("When a variable is empty, then it counts as absent, and has its default", () => {
  const config = readConfig(specs, { PORT: "", NODE_ENV: "", API_KEY: "", ORDERS_QUEUE: "" });

  const { PORT, NODE_ENV, API_KEY, ORDERS_QUEUE } = config;
  assert.deepEqual([PORT, NODE_ENV, API_KEY, ORDERS_QUEUE], [3001, "development", [], "orders_queue"]);
});

test("When NODE_ENV is production, then requests are limited unless it is said otherwise", () => {
  const required = { API_KEY: key, MONGODB_URI: "mongodb://m", RABBITMQ_URL: "amqp://r" };
  const limit = (settings: object) => readConfig(specs, { ...required, ...settings }).RATE_LIMIT_PER_MINUTE;

  assert.equal(limit({ NODE_ENV: "production" }), 600);
  assert.equal(limit({ NODE_ENV: "production", RATE_LIMIT_PER_MINUTE: "0" }), 0);
  assert.equal(limit({}), 0);
});

test("When several variables are wrong or missing, then one error names them all, and none of their values", () => {
  const settings = {
    NODE_ENV: "production",
    PORT: "x-secret",
    METRICS: "x-secret",
    MONGODB_URI: "http://ada:x-secret@m",
  };

  assert.throws(
    () => readConfig(specs, settings),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const [title, ...lines] = error.message.split("\n");
      assert.equal(title, "The configuration is not valid:");
      const named = lines.map((line) => /^ {2}(\w+) (is missing|must be)/.exec(line)?.slice(1).join(" "));
      const wrong = ["METRICS must be", "MONGODB_URI must be", "PORT must be"];
      assert.deepEqual(named.sort(), ["API_KEY is missing", ...wrong, "RABBITMQ_URL is missing"].sort());
      assert.doesNotMatch(error.message, /x-secret/);
      return true;
    },
  );
});

test("When a variable is set that nobody reads, then it is passed over", () => {
  const config = readConfig(specs, { PROT: "80", PATH: "/bin" });

  assert.equal(config.PORT, 3001);
  assert.equal(Object.keys(config).includes("PATH"), false);
});
