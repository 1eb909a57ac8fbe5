import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/runtime/paths.js";
import { services } from "../../scripts/stack/services.js";
import { documentedLines } from "../support/documented_logs.js";

const levels = ["error", "warn", "info", "debug"];

/** The text from an opening bracket's next character to the bracket that closes it. */
function argumentsOf(text: string): string {
  let depth = 1;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === "(") depth += 1;
    if (text[index] === ")") depth -= 1;
    if (depth === 0) return text.slice(0, index);
  }
  return text;
}

/** By message, the levels at which the sources of a folder log it. */
function loggedIn(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (message: string, ...at: readonly string[]) => {
    found.set(message, new Set([...(found.get(message) ?? []), ...at]));
  };
  const files = readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const source = readFileSync(join(root, folder, "src", file), "utf8");
    for (const match of source.matchAll(/logger\.(error|warn|info|debug|log)\(/g)) {
      const args = argumentsOf(source.slice(match.index + match[0].length));
      const literals = [...args.matchAll(/"((?:[^"\\]|\\.)*)"|`([^`]*)`/g)].map(
        ([, text, template]) => text ?? template ?? "",
      );
      const at = match[1] === "log" ? literals.filter((text) => levels.includes(text)) : [match[1] ?? ""];
      const message = literals.find((text) => !levels.includes(text));
      // The state of a connection is the one message with a variable part; crashes are the one function with a name for it.
      if (message === undefined) for (const [, name = ""] of source.matchAll(/onCrash\("(.+?)"\)/g)) add(name, ...at);
      else if (message.startsWith("rabbitmq $")) {
        for (const state of ["connected", "closed"]) add(`rabbitmq ${state}`, "info");
        for (const state of ["disconnected", "blocked"]) add(`rabbitmq ${state}`, "warn");
      } else add(message, ...at);
    }
  }
  return found;
}

const folders = [{ short: "all", name: "common" }, ...services];
const logged = new Map(folders.map(({ short, name }) => [short, loggedIn(name)]));

for (const { short, name } of folders)
  test(`When the sources of ${name} log a line, then docs/logs.md has it with its levels`, () => {
    for (const [message, levelsOf] of logged.get(short) ?? []) {
      // A service that make new-service has copied logs the lines of the other one.
      const rows = documentedLines.filter((row) => row.message === message);
      assert.ok(
        rows.some((row) => [...levelsOf].sort().join() === row.levels.toSorted().join()),
        message,
      );
    }
  });

test("When docs/logs.md has a line, then its service logs it", () => {
  for (const { service, message } of documentedLines) assert.ok(logged.get(service)?.has(message), message);
});
