import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./runtime/paths.js";
import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { readRecord } from "./stack/record.js";
import { setting } from "./stack/settings.js";

/** As files, npm scopes and titles write it. In words, so that this script does not rename itself. */
const spellings = (words: readonly string[]) => [
  words.join("_"),
  words.join("-"),
  words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" "),
];
const name = setting("name") ?? "";
const replacements = spellings(name.split(/[_-]/));
const replace = (text: string) =>
  spellings(["order", "flow"]).reduce((left, old, index) => left.replaceAll(old, replacements[index] ?? ""), text);

await main(async () => {
  if (!/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name))
    throw new UserError(`name must be words of small letters, as in make rename name=acme-shop, and is "${name}"`);
  if (readRecord()) throw new UserError("make down first: containers and data folders are called by the name too");
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const files = stdout.split("\n").filter((file) => existsSync(join(root, file)));
  let changed = 0;
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    const text = replace(bytes.toString());
    if (bytes.includes(0) || text === bytes.toString()) continue;
    writeFileSync(join(root, file), text);
    changed += 1;
  }
  // The path up to the folder or file that is called so.
  const renamed = new Set(files.flatMap((file) => /^.*?order[_-]flow[^/]*/.exec(file) ?? []));
  if (renamed.size === 0) throw new UserError("It was renamed before");
  for (const path of renamed) renameSync(join(root, path), join(root, replace(path)));
  // What npm has installed is the same, but for the name of our own scope.
  const [old = "", scope = ""] = [spellings(["order", "flow"])[1], replacements[1]];
  renameSync(join(root, "node_modules", `@${old}`), join(root, "node_modules", `@${scope}`));
  writeFileSync(join(root, "node_modules/.installed-lock"), readFileSync(join(root, "package-lock.json")));
  await execa("npx", ["biome", "check", "--write", "."], { cwd: root });
  console.log(`✔ ${changed} files call it ${replacements.join(", ")} now. Next: make up, git diff`);
});
