import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../scripts/runtime/paths.js";
import { secantus } from "../scripts/runtime/secantus.js";
import { services } from "../scripts/stack/services.js";

const read = (file: string) => readFileSync(join(root, file), "utf8");

for (const file of ["scripts/runtime/secantus_requirements.txt", "scripts/fuzz/schemathesis_requirements.txt"])
  test(`When pip installs what ${file} lists, then each package has one version and its hashes`, () => {
    const packages = read(file)
      .replaceAll(/^ *#.*\n/gm, "")
      .split(/\n(?=\S)/);
    const name = /^[\w.[\]-]+==[\w.]+( ; [^\\]+)? \\/;
    for (const text of packages) {
      assert.match(text, name);
      assert.match(text.replace(name, ""), /^(\n {4}--hash=sha256:[0-9a-f]{64}( \\)?)+\n?$/, text);
    }
  });

test("When SecantusDB is installed, then in the version that its list has", () => {
  assert.ok(read(secantus.requirements).includes(`\nsecantusdb==${secantus.version} `));
});

test("When npm installs, then each package of ours is asked for by one version, and none by an address", () => {
  for (const folder of ["", "common/", ...services.map(({ name }) => `${name}/`)]) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(`${folder}package.json`));
    const versions: readonly unknown[] = Object.values({ ...dependencies, ...devDependencies });
    for (const version of versions) assert.match(String(version), /^(\d+\.\d+\.\d+|\*)$/, folder);
  }
  assert.doesNotMatch(read("package-lock.json"), /"resolved": "(?!common"|\w+_service")/);
  // The workspaces themselves are links, and have no hash.
  const lock: { packages: Record<string, { link?: boolean; integrity?: string }> } = JSON.parse(
    read("package-lock.json"),
  );
  for (const [name, { link, integrity }] of Object.entries(lock.packages))
    if (name.startsWith("node_modules/") && !link) assert.match(integrity ?? "", /^sha512-/, name);
});
