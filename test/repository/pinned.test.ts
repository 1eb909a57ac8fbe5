import assert from "node:assert/strict";
import { test } from "node:test";
import { schemathesis } from "../../scripts/fuzz/schemathesis.js";
import { kubernetesValidate } from "../../scripts/kubernetes/validate.js";
import { secantus } from "../../scripts/runtime/secantus.js";
import { services } from "../../scripts/stack/services.js";
import { read } from "../support/repository.js";

const zizmor = { title: "zizmor", version: "1.32.0", requirements: ".github/zizmor_requirements.txt" };

for (const { title, version, requirements } of [secantus, schemathesis, kubernetesValidate, zizmor])
  test(`When pip installs ${title}, then it and all that it needs have one version and its hashes`, () => {
    const packages = read(requirements)
      .replaceAll(/^ *#.*\n/gm, "")
      .split(/\n(?=\S)/);
    assert.ok(packages.some((text) => text.startsWith(`${title.toLowerCase()}==${version} `)));
    for (const text of packages)
      assert.match(text, /^[\w.-]+==[\w.]+( ; [^\\\n]+)? \\(\n {4}--hash=sha256:[0-9a-f]{64}( \\)?)+\n?$/);
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
