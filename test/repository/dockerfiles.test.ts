import assert from "node:assert/strict";
import { test } from "node:test";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { nodeEnvironment, nodeFlags, services } from "../../scripts/stack/services.js";
import { read } from "../support/repository.js";

for (const { name, entry } of services) {
  const dockerfile = read(`${name}/Dockerfile`);

  test(`When the container of ${name} runs, then node itself, as an ordinary user, on the service's port`, () => {
    const lastStage = dockerfile.split(/^FROM /m).at(-1);
    const instruction = (word: string) => new RegExp(`^${word} (.+)$`, "m").exec(lastStage ?? "")?.[1];
    assert.equal(instruction("USER"), "node");
    assert.deepEqual(JSON.parse(instruction("CMD") ?? ""), ["node", ...nodeFlags, entry]);
    const environment = [...(lastStage ?? "").matchAll(/^ENV (.+)$/gm)].map(([, set]) => set);
    assert.deepEqual(environment, [`NODE_ENV=production MALLOC_ARENA_MAX=${nodeEnvironment.MALLOC_ARENA_MAX}`]);
    assert.equal(instruction("EXPOSE"), `${servicePorts[name]}`);
    assert.match(lastStage ?? "", new RegExp(`process\\.env\\.PORT \\|\\| ${servicePorts[name]}\\b`));
  });

  test(`When a source of ${name} changes, then its image is built without installing anything`, () => {
    const stages = dockerfile.split(/^FROM /m).filter((stage) => stage.includes("npm ci"));
    const names = stages.map((stage) => stage.split("\n", 1)[0]);
    assert.deepEqual(names, [`node:${read(".nvmrc").trim()}-bookworm-slim AS packages`, "packages AS dependencies"]);
    const { workspaces } = JSON.parse(read("package.json"));
    for (const folder of workspaces) assert.ok(stages[0]?.includes(`COPY ${folder}/package.json ${folder}/\n`), folder);
    for (const [, files = ""] of stages.join("").matchAll(/^COPY (.+) \S+$/gm))
      assert.match(files, /^\S*package\.json( package-lock\.json)?$/);
  });

  test(`When Railway builds ${name}, then it finds no mount that it refuses`, () => {
    assert.doesNotMatch(dockerfile, /^[^#]*--mount/m);
  });

  test(`When the image of ${name} is inspected, then its labels say what its package.json says`, () => {
    const { version, description, license } = JSON.parse(read(`${name}/package.json`));
    for (const [label, value] of Object.entries({ title: name, version, description, licenses: license }))
      assert.ok(dockerfile.includes(`org.opencontainers.image.${label}="${value}"`), label);
  });

  test(`When the Dockerfile of ${name} names a base image, then with its version, the one that .nvmrc names`, () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base ?? "");
    const images = bases.filter((base) => base.includes(":"));
    assert.deepEqual([...new Set(images)], [`node:${read(".nvmrc").trim()}-bookworm-slim`]);
  });
}

test("When a service has a port, then make up starts it", () => {
  assert.deepEqual(services.map(({ name }) => name).sort(), Object.keys(servicePorts).sort());
});

test("When a benchmark of several stacks starts a service, then as everything else does", () => {
  const start = read("bench/order_flow/start.sh");
  assert.equal(/ MALLOC_ARENA_MAX=(\S+)/.exec(start)?.[1], nodeEnvironment.MALLOC_ARENA_MAX);
  assert.equal(/^set -- (.+)$/m.exec(start)?.[1], nodeFlags.join(" "));
});
