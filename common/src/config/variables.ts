import { type CleanedEnv, makeExactValidator, makeValidator } from "envalid";
import { ConnectionString } from "mongodb-connection-string-url";

/** The services, each with the port it listens on when `PORT` is not set. */
export const servicePorts = { user_service: 3001, orders_service: 3002, notifications_service: 3003 } as const;

export type ServiceName = keyof typeof servicePorts;

const wholeNumber = (min: number, max: number) =>
  makeExactValidator<number>((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  });

const oneOf = <T extends string>(...choices: readonly T[]) =>
  makeExactValidator<T>((text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new Error(`must be one of ${choices.join(", ")}`);
    return choice;
  });

const mongodbUri = makeValidator<string>((text) => {
  try {
    const name = decodeURIComponent(new ConnectionString(text).pathname.slice(1));
    if (!/^[^/\\. "$\0]{0,63}$/.test(name)) throw new Error("no name of a database");
  } catch {
    throw new Error("must be a URI such as mongodb://localhost:27017");
  }
  return text;
});

/** A comma is also allowed in a password, so only one that a URL follows separates two. */
export const splitAmqpUrls = (text: string): readonly string[] => text.split(/\s*,\s*(?=amqps?:\/\/)/i);

const amqpUrls = makeExactValidator<readonly string[]>((text) => {
  const urls = splitAmqpUrls(text);
  if (!urls.every(isAmqpUrl))
    throw new Error("must be a URL such as amqp://guest:guest@localhost:5672, or several separated by commas");
  return urls;
});

function isAmqpUrl(text: string): boolean {
  try {
    const { protocol, hostname, username, password, pathname, search, searchParams, hash } = new URL(text);
    // A part that can't be decoded fails at each try to connect.
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    const numbers = ["heartbeat", "channelMax", "frameMax"].map((name) => searchParams.get(name) ?? "0");
    // An unescaped / ? or # in the password ends the host, and leaves the @ behind it.
    const isSplit = `${pathname}${search}`.includes("@") || hash !== "";
    const isHost = /^([\w.-]+|\[[\da-f:.]+\])$/i.test(hostname);
    return /^amqps?:$/.test(protocol) && isHost && !isSplit && numbers.every((number) => /^\d{1,9}$/.test(number));
  } catch {
    return false;
  }
}

const nameInBroker = makeValidator<string>((text) => {
  if (!/^(?!amq\.)[A-Za-z0-9_.:-]{1,200}$/.test(text))
    throw new Error("must be 1 to 200 of A-Z a-z 0-9 _ . : - and not start with amq.");
  return text;
});

/** Shortest API key that is accepted: 16 characters of a random string are 64 bits even in hexadecimal. */
const apiKeyMinLength = 16;

const apiKeys = makeExactValidator<readonly string[]>((text) => {
  if (text === "none") return [];
  const keys = text.split(",").map((key) => key.trim());
  if (!keys.every((key) => /^[\x21-\x7e]+$/.test(key) && key.length >= apiKeyMinLength))
    throw new Error(`each key must have at least ${apiKeyMinLength} visible ASCII characters (or say none)`);
  return keys;
});

const origins = makeExactValidator<readonly string[]>((text) => {
  const list = text.split(",").map((origin) => origin.trim());
  if (!list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))
    throw new Error("must be origins such as https://app.example.com, separated by commas");
  return list;
});

const httpUrl = makeValidator<string>((text) => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error("must be a URL such as http://localhost:4318");
  return text;
});

/** The variables of every HTTP service, beside its `PORT`. */
export const httpVariables = {
  NODE_ENV: oneOf("development", "test", "production")({ default: "development", desc: "production is strict" }),
  API_KEY: apiKeys({ devDefault: [], desc: "bearer keys, separated by commas; none opens the service on purpose" }),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1e9)({ default: 600, devDefault: 0, desc: "of one address; 0 is no limit" }),
  TRUST_PROXY: wholeNumber(0, 10)({ default: 0, desc: "hops of trusted proxies in front" }),
  CORS_ORIGINS: origins({ default: [], desc: "origins that a browser may call from, separated by commas" }),
  SHUTDOWN_DELAY_SECONDS: wholeNumber(0, 300)({ default: 0, desc: "serve on after SIGTERM, while /ready is 503" }),
  METRICS: oneOf("closed", "open")({ default: "closed", desc: "open: /metrics without a key" }),
  LOG_LEVEL: oneOf("error", "warn", "info", "debug")({ default: "info", desc: "minimum level that is logged" }),
  LOG_FORMAT: oneOf("pretty", "json", "auto")({ default: "auto", desc: "auto: pretty on a terminal, else json" }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({ default: undefined, desc: "the OTLP/HTTP endpoint that traces are sent to" }),
} as const;

export type HttpConfig = CleanedEnv<typeof httpVariables>;

/** The variables of the services, but `PORT`. `devDefault` holds outside production; without a default it is required. */
export const variables = {
  ...httpVariables,
  MONGODB_URI: mongodbUri({
    devDefault: "mongodb://localhost:27017",
    desc: "MongoDB; without a database name in it each service uses its own",
  }),
  RABBITMQ_URL: amqpUrls({
    devDefault: ["amqp://guest:guest@localhost:5672"],
    desc: "RabbitMQ; of a cluster the URLs of its nodes, separated by commas",
  }),
  ORDERS_QUEUE: nameInBroker({ default: "orders_queue", desc: "the queue that orders go through" }),
  ORDERS_EXCHANGE: nameInBroker({ default: undefined, desc: "a topic exchange that orders are published to as well" }),
  BCRYPT_ROUNDS: wholeNumber(10, 15)({ default: 12, desc: "bcrypt cost, 10 to 15" }),
} as const;

/** The port a service listens on: 3001, 3002 or 3003 unless `PORT` says otherwise; 0 lets the system choose. */
export const portVariable = (service: ServiceName) =>
  wholeNumber(0, 65_535)({ default: servicePorts[service], desc: "the port the service listens on" });

/** MongoDB where it is optional: undefined when not set. */
export const optionalMongodbUri = mongodbUri({ default: undefined, desc: "durable de-duplication; else per process" });
