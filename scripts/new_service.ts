import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { execa } from "execa";
import { root } from "./runtime/paths.js";
import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { services } from "./stack/services.js";
import { hostPorts, setting } from "./stack/settings.js";

type Edit = readonly [pattern: RegExp, replacement: string];

const name = setting("name") ?? "";
const kind = setting("kind") ?? "http";
const folder = `${name}_service`;
const singular = name.replace(/s$/, "");
const upper = name.toUpperCase();
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const port = `${Math.max(...Object.values(servicePorts)) + 1}`;
const debugPort = `${Math.max(...services.map(({ debugPortVariable }) => hostPorts[debugPortVariable])) + 1}`;

/** Drops each line in which the pattern is. */
const withoutLine = ({ source }: RegExp): Edit => [new RegExp(`.*(?:${source}).*\n`, "gi"), ""];
const without = (pattern: RegExp): Edit => [pattern, ""];

/** A service to copy: the words that become others, and what the copy has not or has otherwise. */
interface Model {
  readonly folder: string;
  readonly words: readonly Edit[];
  /** In TypeScript only: elsewhere a user may be one of the operating system. */
  readonly sourceWords?: readonly Edit[];
  readonly differences: readonly Edit[];
}

const consumer: Model = {
  folder: "notifications_service",
  words: [
    [/3003/g, port],
    [/notifications/g, name],
    [/NOTIFICATIONS/g, upper],
    [/Notifications/g, capital(name)],
    [/ORDERS_QUEUE/g, "ORDERS_EXCHANGE"],
    [/orders_queue/g, "orders"],
  ],
  differences: [
    [
      /ORDERS_QUEUE: queue \} = config;/,
      `ORDERS_QUEUE: exchange } = config;\n  const queue = \`\${exchange}.${name}\`;`,
    ],
    [/createRabbit\(urls, queue,/, "$& exchange,"],
    [/createRabbit = \(\n.*\n {2}queue: string,\n/, "$&  exchange: string,\n"],
    [/queues: \[queue\],/, "$& exchange,"],
    [
      /\(connection\) => (notifier\.subscribe\(.*?\))/,
      'async (connection) => { await connection.channel.bindQueue(queue, exchange, "order.created"); await $1; }',
    ],
  ],
};

const http: Model = {
  folder: "user_service",
  words: [
    [/3001/g, port],
    [/user([_-]service)/g, `${name}$1`],
    [/users/g, name],
    [/USERS/g, upper],
  ],
  sourceWords: [
    [/\b([Aa])(?= user\b)/g, /^[aeiou]/.test(name) ? "$1n" : "$1"],
    [/Users/g, capital(name)],
    [/user/g, singular],
    [/User/g, capital(singular)],
  ],
  // A user without email and password: what is left has a name.
  differences: [
    [/Ada Lovelace|Grace Hopper/g, "The first"],
    [/"\/email", message: email/, '"/name", message: name'],
    [/emailFilter\(\), \.\.\.pageChains\(\)\], \["email", \.\.\.pageParameters\]/, "...pageChains()], pageParameters"],
    [/export interface UserQuery extends PageQuery \{\n[^}]*\}/, "export type UserQuery = PageQuery;"],
    [/Omit<User, "password_hash">/, "User"],
    [/\{ password, \.\.\.fields \}/, "fields"],
    [/ {4}if \(password === undefined\) (return .*\n)[\s\S]*?\n {2}\}\n/, "    $1  }\n"],
    [/#write(?=\(async)/g, "#database.run"],
    [/,\n {4}"validator"[\s\S]*/, "\n  }\n}\n"],
    without(/,? (passwords hashed with bcrypt|(Throws )?409 if the email is taken\.?)/g),
    without(/ Passwords go in and never come out\.|: there is no place for a hash in it/g),
    without(/ +(email|password): \{\n[\s\S]*?\n +\},\n/gi),
    without(/^ *(readonly )?(email|password|password_hash)\??: .*[;,]\n/gm),
    without(/, "?(email|password|password_hash)"?(?=[,\]} ])/g),
    without(/, (email|password): ("[^"]*"|text)/g),
    without(/, (hasher|limitHashes\w*)\b(: \w+)?/g),
    without(/conflict, /),
    without(/.*- name: email\n(.*\n){3}/),
    without(/const emailFilter[\s\S]*?;\n\n/),
    without(/const emailPattern[\s\S]*?\n(?=function normalize)/),
    without(/ {2}\/\*\* A request that fails anyway[\s\S]*?\n {2}\}\n/),
    without(/ {2}\/\*\* The unique index decides[\s\S]*?\n {2}\}\n\n/),
    without(/ {2}\/\/ Calls that cost a hash.*\n/),
    without(/, registerGauge/),
    ...[/bcrypt/, /piscina/, /hasher/, /limitHashes/, /conflict\b/, /#assertNotTaken/].map(withoutLine),
    ...[/\/Conflict'/, /typeof email/, /email !==/].map(withoutLine),
  ],
};

const isConsumer = kind === "consumer";
const model = isConsumer ? consumer : http;

/** Lists of services, of which a new one gets what they have of orders_service: its name and its ports. */
const listed: readonly (readonly [file: string, ...pieces: readonly RegExp[]])[] = [
  ...["package.json", "tsconfig.json", "tsconfig.tools.json", "test/support/environments.ts"].map(
    (file) => [file, /.*orders_service.*\n/g] as const,
  ),
  ["common/src/config/variables.ts", /orders_service: 3002,\s/],
  ["scripts/stack/services.ts", / \| "ORDERS"/, /.*"orders_service".*\n/],
  ["scripts/stack/settings.ts", / {2}ORDERS_PORT.*\n/, / {2}ORDERS_DEBUG_PORT.*\n/],
  ["scripts/test_kubernetes.ts", /"orders-service", /],
  ["deploy/compose/ipv6.yml", / {2}orders_service:\n.*\n/],
  ...["tracing", "observability"].map((name) => [`deploy/compose/${name}.yml`, / {2}orders_service.*\n/] as const),
  ["deploy/observability/prometheus.yml", / {2}- job_name: orders_service\n.*\n.*\n/],
  [".env.example", /#ORDERS_PORT.*\n/],
  [".vscode/launch.json", / {4}\{\n {6}"name": "orders_service",[\s\S]*?\n {4}\},\n/, /"orders_service", /],
  [".devcontainer/devcontainer.json", /3002, /, / {4}"3002".*\n/],
  [".github/dependabot.yml", /\/orders_service, /],
  [".github/workflows/ci.yml", /(?<=user_service )orders_service /],
  [".github/workflows/release.yml", /orders_service, /, /(?<=user_service )orders_service /],
  [
    "deploy/kubernetes/components/disruption/disruption.yaml",
    /apiVersion(?:(?!---)[\s\S])*orders-service\n[\s\S]*?---\n/,
  ],
  ["docs/configuration.md", /,\s`ORDERS_PORT` \(3002\)/, /,\s`ORDERS_DEBUG_PORT` \(9232\)/],
  ...services.map((service) => [`${service.name}/Dockerfile`, /COPY orders_service\/package.*\n/] as const),
];
const listedForConsumers: typeof listed = [
  ["deploy/kubernetes/components/network-policies/network-policies.yaml", /orders-service, /],
  ["deploy/kubernetes/components/rabbitmq-cluster/kustomization.yaml", /orders\|/],
];
const listedWords: readonly Edit[] = [
  ...(isConsumer ? [[/"ORDERS"\)/, '"ORDERS", "dist/consumer.js")'] as const] : []),
  [/orders/g, name],
  [/ORDERS/g, upper],
  [/3002/g, port],
  [/9232/g, debugPort],
];

/** What lets a consumer have orders without a setting. */
const exchangeByDefault: readonly (readonly [file: string, ...Edit])[] = [
  ["common/src/config/variables.ts", /(?<=ORDERS_EXCHANGE: nameInBroker\(\{ default: )undefined/, '"orders"'],
  [".env.example", /#ORDERS_EXCHANGE=$/m, "$&orders"],
  ["orders_service/.env.example", /#ORDERS_EXCHANGE=$/m, "$&orders"],
  ["docs/configuration.md", /(?<=`ORDERS_EXCHANGE` \| )none/, "`orders`"],
];

const read = (file: string) => readFileSync(join(root, file), "utf8");

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const apply = (text: string, edits: readonly Edit[]): string =>
  edits.reduce((edited, [pattern, replacement]) => edited.replace(pattern, replacement), text);

/** This script does not know the repository as it is now. */
const unexpected = (where: string, pattern: RegExp) => `${where} has no ${pattern}; scripts/new_service.ts expects it`;

function change(file: string, pattern: RegExp, replacement: (found: string) => string): void {
  const text = read(file);
  if (!pattern.test(text)) throw new Error(unexpected(file, pattern));
  write(file, text.replace(pattern, replacement));
}

function modelFiles() {
  const copied =
    /^(src\/(?!.*password_).*\.ts|test\/as_process\.test\.ts|Dockerfile|README\.md|\.env\.example|\w+\.json)$/;
  const all = readdirSync(join(root, model.folder), { recursive: true, encoding: "utf8" });
  return all.filter((file) => copied.test(file)).map((file) => ({ file, text: read(join(model.folder, file)) }));
}

/** A word of the new code that means something else there: to the language, or in what is copied. */
function takenWord(): string | undefined {
  const names = isConsumer ? [name] : [name, singular];
  const sources = modelFiles().flatMap(({ file, text }) => (file.endsWith(".ts") ? text : []));
  const code = sources.join("\n").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
  const isTaken = (word: string) => word in globalThis || isReserved(word) || new RegExp(`\\b${word}\\b`).test(code);
  return names.flatMap((word) => [word, capital(word)]).find(isTaken);
}

function isReserved(word: string): boolean {
  try {
    return !new Script(`"use strict"; async () => { let ${word}; }`);
  } catch {
    return true;
  }
}

function copyModel(): void {
  const files = modelFiles();
  for (const [pattern] of model.differences)
    if (!files.some(({ text }) => text.search(pattern) >= 0)) throw new Error(unexpected(model.folder, pattern));
  for (const { file, text } of files) {
    const words = [...model.words, ...((file.endsWith(".ts") && model.sourceWords) || [])];
    const lines = apply(text, model.differences).split("\n");
    // Its own package.json is copied into the image of each service, the model's too.
    const changed = lines.map((line) => (/^COPY \w+\/package/.test(line) ? line : apply(line, words)));
    write(join(folder, apply(file, words)), changed.join("\n"));
  }
  const { description } = JSON.parse(read(`${folder}/package.json`));
  const [head = "", run = ""] = read(`${folder}/README.md`).split("\n## ");
  write(`${folder}/README.md`, `${head.split("\n")[0]}\n\n${description}.\n\n## ${run}`);
}

/** Where it is described how a service runs: a copy of the model's part. */
function describeService(): void {
  const again = (text: string) =>
    text + apply(text.replace(/ {6}BCRYPT.*\n/, ""), model.words).replace("preserve()", "users.env.API_KEY");
  change("docker-compose.yml", new RegExp(` {2}${model.folder}:\\n(?: {4}.*\\n)+\\n`), again);
  change(
    ".railway/railway.ts",
    new RegExp(` {2}const \\w+ = service\\("${model.folder}"[\\s\\S]*?\\n {2}\\}\\);\\n\\n`),
    again,
  );
  change(".railway/railway.ts", /, notifications\b/, (found) => `, ${name}${found}`);
  const manifest = `\n {2}- apiVersion: v1\n {4}kind: Service\n.*\n.*name: ${model.folder.replace("_", "-")}\n(?:.+\n)*`;
  change("deploy/kubernetes/base/services.yaml", new RegExp(manifest), again);
}

/** Without npm, which would download all packages once more. */
function install(): void {
  const lock = JSON.parse(read("package-lock.json"));
  const { name: packageName, version, license, dependencies, engines } = JSON.parse(read(`${folder}/package.json`));
  lock.packages[""].workspaces = JSON.parse(read("package.json")).workspaces;
  lock.packages[`node_modules/${packageName}`] = { resolved: folder, link: true };
  lock.packages[folder] = { name: packageName, version, license, dependencies, engines };
  write("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  symlinkSync(join("../..", folder), join(root, "node_modules", packageName));
  write("node_modules/.installed-lock", read("package-lock.json"));
}

await main(async () => {
  if (!["http", "consumer"].includes(kind)) throw new UserError(`kind must be http or consumer, and is "${kind}"`);
  if (!/^[a-z]{2,20}$/.test(name))
    throw new UserError(
      `name must be one word of small letters, as in make new-service name=payments, and is "${name}"`,
    );
  if (!isConsumer && singular === name)
    throw new UserError(`An HTTP service is called by what it keeps: name=${name}s`);
  if (existsSync(join(root, folder))) throw new UserError(`${folder} is there already`);
  if (`${upper}_PORT` in hostPorts) throw new UserError(`The name ${name} is taken`);
  const other = services.find(({ short }) => name.includes(short.replace(/s$/, "")));
  if (other) throw new UserError(`The name ${name} can't be told from ${other.name} in the code`);
  const word = takenWord();
  if (word) throw new UserError(`The name ${name} can't be used: "${word}" means something else in the code`);
  for (const [file, ...pieces] of isConsumer ? [...listed, ...listedForConsumers] : listed)
    for (const piece of pieces) change(file, piece, (found) => found + apply(found, listedWords));
  for (const service of services)
    change(`${service.name}/Dockerfile`, /rm -r package-lock\.json/, (found) => `${found} ${folder}`);
  copyModel();
  change(`${folder}/Dockerfile`, /(?<=rm -r package-lock\.json )\w+/, () => model.folder);
  if (isConsumer) for (const [file, ...edit] of exchangeByDefault) write(file, read(file).replace(...edit));
  describeService();
  install();
  const biome = (...args: readonly string[]) => execa("npx", ["biome", ...args], { cwd: root });
  await biome("lint", "--write", "--unsafe", "--only=correctness/noUnusedImports", folder);
  await biome("check", "--write", ".");
  const yours = isConsumer
    ? `What it does with an order: ${folder}/src/services/notifier.ts, and what it reads of it: order_created.ts beside that`
    : `Its fields: ${folder}/src/schemas/${singular}.ts, and the compiler leads on from there (CONTRIBUTING.md, "A field of an order")`;
  console.log(
    `✔ ${folder} listens on port ${port}\n${yours}\nNext: make up, make test t=${folder}/test/as_process.test.ts`,
  );
});
