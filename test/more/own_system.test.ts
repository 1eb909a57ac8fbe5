import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { execa } from "execa";
import { freePort } from "../../scripts/runtime/free_port.js";
import { root, toolsFolder } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { ownEnvironment } from "../../scripts/stack/own_environment.js";
import { afterAll } from "../support/cleanup.js";

/** A copy of this checkout, which the tests of this file make their own, one after the other. */
const copy = testFolder("own_system");
const env = {
  ...(await ownEnvironment(join(copy, ".state/up"), "embedded")),
  PAYMENTS_PORT: `${await freePort()}`,
  AUDIT_PORT: `${await freePort()}`,
  // A test run of the copy has a folder of its own.
  TEST_STATE_DIR: "",
};

async function make(...args: readonly string[]): Promise<string> {
  const { all, exitCode } = await execa("make", args, { cwd: copy, env, all: true, reject: false });
  assert.equal(exitCode, 0, all);
  return all;
}

before(async () => {
  mkdirSync(join(copy, ".state"), { recursive: true });
  const exclude = ["node_modules", ".git", ".state"].map((name) => `--exclude=./${name}`).join(" ");
  await execa("bash", ["-c", `tar ${exclude} -cf - . | tar -xf - -C "$0"`, copy], { cwd: root });
  // Hard links, but for the files that the scripts write.
  await execa("cp", ["-al", join(root, "node_modules"), copy]);
  const stamp = join(copy, "node_modules/.installed-lock");
  rmSync(stamp, { force: true });
  copyFileSync(join(root, "package-lock.json"), stamp);
  mkdirSync(toolsFolder, { recursive: true });
  symlinkSync(toolsFolder, join(copy, ".state/tools"));
  await execa("git", ["init", "--quiet"], { cwd: copy });
});

test("When the system is renamed, then its old name stands nowhere, and it may not be renamed again", async () => {
  await make("rename", "name=acme-shop");
  const search = await execa("git", ["grep", "-riE", "--untracked", "order[_ -]flow"], { cwd: copy, reject: false });
  assert.equal(search.stdout, "");
  const again = await execa("make", ["rename", "name=other"], { cwd: copy, env, all: true, reject: false });
  assert.match(again.all, /✖ It was renamed before/);
});

test("When services of both kinds are added, then style and types are right, and the tests that list services pass", async () => {
  await make("new-service", "name=payments");
  await make("new-service", "name=audit", "kind=consumer");
  await make("lint");
  const repository = ["containers_policy", "dockerfiles", "pinned", "documents", "devcontainer", "workflows"];
  const names = [...repository.map((name) => `repository/${name}`), "replicas", "railway"];
  await make("test", `t=${["payments", "audit"].map((name) => `${name}_service/test/as_process.test.ts`).join(" ")}`);
  await make("test", `t=${names.map((name) => `test/${name}.test.ts`).join(" ")}`);
});

test("When make up starts the system, then the new services are up, and make test-flow works", async () => {
  afterAll(() => make("down"));
  const up = await make("up");
  for (const [name, port] of [["payments", env.PAYMENTS_PORT] as const, ["audit", env.AUDIT_PORT] as const])
    assert.match(up, new RegExp(`${name}_service +http://localhost:${port}`));
  const flow = await make("test-flow");
  const lines = [...flow.matchAll(/New order received: \w+/g)].map(([line]) => line);
  assert.equal(lines.length, 2);
  const printed = () => readFileSync(join(copy, ".state/up/audit_service.out.log"), "utf8");
  const hasAll = () => lines.every((line) => printed().includes(`${line}\n`));
  await waitUntil(hasAll, { what: "the second consumer has printed the orders too", deadlineMs: 10_000 });
});

for (const [args, message] of [
  [["new-service", "name=audit"], /An HTTP service is called by what it keeps: name=audits/],
  [["new-service", "name=audit", "kind=consumer"], /audit_service is there already/],
  [["new-service", "name=two-words"], /one word of small letters/],
  [["new-service", "name=node_modules"], /one word of small letters/],
  [["new-service", "name=returns"], /The name returns can't be used: "return" means something else in the code/],
  [["new-service", "name=deletes"], /The name deletes can't be used: "delete" means/],
  [["new-service", "name=strings"], /The name strings can't be used: "string" means/],
  [["new-service", "name=class", "kind=consumer"], /The name class can't be used: "class" means/],
  [["new-service", "name=superusers"], /The name superusers can't be told from user_service in the code/],
  [["new-service", "name=mongodb", "kind=consumer"], /The name mongodb is taken/],
  [["rename", "name=Acme"], /make rename name=acme/],
] as const)
  test(`When make ${args.join(" ")} can't be done, then it says why`, async () => {
    const { all, exitCode } = await execa("make", args, { cwd: copy, env, all: true, reject: false });
    assert.equal(exitCode, 2);
    assert.match(all, message);
  });
