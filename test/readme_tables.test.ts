import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hostPorts, servicePorts, variables } from "@order-flow/common/config/variables.js";
import { root } from "../scripts/runtime/paths.js";
import { environments } from "./support/environments.js";
import { tableOf } from "./support/markdown.js";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const code = (cell: string) => cell.replaceAll("`", "");

/** What a variable is outside production when it is not set, as a document writes it; undefined where that is nothing. */
function defaultOf(spec: object): string | undefined {
  const value: unknown = "devDefault" in spec ? spec.devDefault : "default" in spec ? spec.default : undefined;
  return value === undefined || (Array.isArray(value) && value.length === 0) ? undefined : String(value);
}

test("When the README lists the variables, then it lists those that the services read, with their defaults", () => {
  const rows = tableOf("README.md", "variable");
  assert.deepEqual(rows.map(([name = ""]) => code(name)).sort(), [...Object.keys(variables), "PORT"].sort());
  for (const [name = "", shown = ""] of rows) {
    const spec = Object.entries(variables).find(([variable]) => variable === code(name))?.[1];
    assert.ok(spec === undefined || code(shown).startsWith(defaultOf(spec) ?? "none"), `${name}: ${shown}`);
  }
});

test("When the README names ports of this machine, then with the numbers that make up takes", () => {
  const readme = read("README.md");
  for (const [name, port] of Object.entries(hostPorts)) assert.ok(readme.includes(`\`${name}\` (${port})`), name);
});

test("When the README lists the commands, then each is a target of the Makefile and the other way round", () => {
  const targets = [...read("Makefile").matchAll(/^([a-z-]+):.*## /gm)].map(([, name]) => name);
  const commands = tableOf("README.md", "command").map(([cell = ""]) => code(cell).replace("make ", ""));
  assert.deepEqual(commands.sort(), targets.sort());
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

test("When the root's .env.example is copied, then it names only variables that there are", () => {
  const names = [...read(".env.example").matchAll(/^#?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  const known = [...Object.keys(variables), ...Object.keys(hostPorts)];
  assert.deepEqual(
    names.filter((name) => !known.includes(name)),
    [],
  );
  for (const name of ["MONGODB_URI", "RABBITMQ_URL", ...Object.keys(hostPorts)]) assert.ok(names.includes(name), name);
});
