import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { servicePorts, variables } from "@order-flow/common/config/variables.js";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { developmentLogins, releasedImages } from "../../scripts/stack/compose.js";
import { services } from "../../scripts/stack/services.js";
import { hostPorts } from "../../scripts/stack/settings.js";
import { environments } from "../support/environments.js";
import { tableOf } from "../support/markdown.js";
import { read } from "../support/repository.js";

const code = (cell: string) => cell.replaceAll("`", "");

/** What a variable is outside production when it is not set, as a document writes it; undefined where that is nothing. */
function defaultOf(spec: object): string | undefined {
  const value: unknown = "devDefault" in spec ? spec.devDefault : "default" in spec ? spec.default : undefined;
  return value === undefined || (Array.isArray(value) && value.length === 0) ? undefined : String(value);
}

/** What the document says of production where it differs; empty where it does not. */
function inProduction(spec: object): string {
  if (!("devDefault" in spec)) return "";
  return "default" in spec ? `in production ${spec.default}` : "required";
}

test("When the variables are documented, then they are those that the services read, with their defaults", () => {
  const rows = tableOf("docs/configuration.md", "variable");
  assert.deepEqual(rows.map(([name = ""]) => code(name)).sort(), [...Object.keys(variables), "PORT"].sort());
  for (const [name = "", shown = ""] of rows) {
    const spec = Object.entries(variables).find(([variable]) => variable === code(name))?.[1];
    assert.ok(spec === undefined || code(shown).startsWith(defaultOf(spec) ?? "none"), `${name}: ${shown}`);
    assert.ok(shown.includes(inProduction(spec ?? {})), `${name}: ${shown}`);
  }
});

test("When the ports of this machine are documented, then with the numbers that make up takes", () => {
  const document = read("docs/configuration.md");
  for (const [name, port] of Object.entries(hostPorts)) assert.ok(document.includes(`\`${name}\` (${port})`), name);
});

test("When the commands are documented, then in the groups and the order of make help", () => {
  const rows = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group, name]) => group ?? name);
  assert.deepEqual(
    rows(read("docs/commands.md"), /^(?:## (?!Replicas)(.+)|\| `make ([a-z-]+)` .*)$/gm),
    rows(read("Makefile"), /^(?:##@ (.+)|([a-z-]+):.*## .*)$/gm),
  );
});

test("When make help is read on a terminal of 80 columns, then no line wraps", async () => {
  const { stdout } = await execa("make", ["--no-print-directory", "help"], { cwd: root });
  const wrapped = stdout.split("\n").filter((line) => line.length > 80);
  assert.deepEqual(wrapped, []);
});

test("When the README names commands and documents, then they exist", () => {
  const [readme, help] = [read("README.md"), read("Makefile")];
  for (const [, name = ""] of readme.matchAll(/`make ([a-z-]+)/g)) assert.ok(help.includes(`\n${name}: ## `), name);
  const links = (text: string) => [...text.matchAll(/\]\(([^)#:]+)[^):]*\)/g)].map(([, file = ""]) => file);
  const steps = links(read("docs/architecture.md")).filter((file) => file.includes("/src/"));
  for (const file of [...links(readme), ...steps.map((file) => join("docs", file))])
    assert.ok(existsSync(join(root, file)), file);
  assert.ok(readme.split("\n").length <= 201, "the README stays short; the rest belongs to docs/");
});

for (const [service, environment] of Object.entries(environments))
  test(`When .env.example of ${service} is copied, then it names each of its variables once, with its default`, () => {
    const lines = [...read(`${service}/.env.example`).matchAll(/^#?([A-Z_]+)=(.*)$/gm)];
    assert.deepEqual(lines.map(([, name]) => name).sort(), Object.keys(environment).sort());
    for (const [, name, value] of lines) {
      const spec = Object.entries({ ...environment, ...variables }).find(([variable]) => variable === name)?.[1];
      const port = Object.entries(servicePorts).find(([known]) => known === service)?.[1];
      const none = name === "API_KEY" ? "none" : "";
      assert.equal(value, name === "PORT" ? `${port}` : (defaultOf(spec ?? {}) ?? none), name);
    }
  });

test("When a variable stands in the root's .env.example, then docker compose reads it, with the same default", () => {
  const inCompose = ["docker-compose.yml", "deploy/compose/ipv6.yml"].flatMap((file) =>
    [...read(file).matchAll(/\$\{([A-Z_]+):[-+?]/g)].map(([, name = ""]) => name),
  );
  const lines = [...read(".env.example").matchAll(/^#?([A-Z_]+)=(.*)$/gm)];
  assert.deepEqual(lines.map(([, name]) => name).sort(), [...new Set(inCompose)].sort());
  for (const [, name = "", value] of lines) {
    const known = Object.entries<string | number | object>({
      ...variables,
      ...hostPorts,
      ...developmentLogins,
      ...releasedImages,
    });
    const found = known.find(([variable]) => variable === name)?.[1] ?? assert.fail(`nothing reads ${name}`);
    const none = name === "API_KEY" ? "none" : "";
    assert.equal(value, typeof found === "object" ? (defaultOf(found) ?? none) : `${found}`, name);
  }
});

test("When a service reads its environment, then through the list of variables alone", () => {
  const sources = ["common", ...Object.keys(environments)].flatMap((name) =>
    readdirSync(join(root, name, "src"), { recursive: true, encoding: "utf8" }).map((file) => `${name}/src/${file}`),
  );
  const readers = sources.filter((file) => file.endsWith(".ts") && read(file).includes("process.env"));
  const mains = services.map(({ name, entry }) => `${name}/${entry.replace("dist", "src").replace(".js", ".ts")}`);
  assert.deepEqual(readers.sort(), ["common/src/config/config.ts", ...mains].sort());
});
