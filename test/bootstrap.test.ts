import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { read } from "./support/repository.js";
import { uniqueName } from "./support/services.js";

const readJson = (file: string) => JSON.parse(read(file));
const versions: Readonly<Record<string, string>> = readJson("package.json").devDependencies;
/** What the project needs to be built, and a package whose installation npm 11.6.2 fails at. */
const packages = ["typescript", "@biomejs/biome"].map((name) => `${name}@${versions[name]}`);
const trap = `sshpk@${readJson("package-lock.json").packages["node_modules/sshpk"].version}`;

async function isOffline(): Promise<boolean> {
  return (await execa("npm", ["ping"], { reject: false, timeout: 10_000 })).failed;
}
const skip = (await isOffline()) && "no package registry answers";

/** A clone with a few packages, not installed yet. */
async function freshClone(): Promise<string> {
  const folder = testFolder(uniqueName("clone"));
  mkdirSync(join(folder, "scripts"), { recursive: true });
  for (const file of [".npmrc", "scripts/bootstrap.sh"]) copyFileSync(join(root, file), join(folder, file));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "clone", private: true, engines: { node: "*" } }));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ files: ["a.ts"], compilerOptions: { outDir: "build", types: [] } }),
  );
  writeFileSync(join(folder, "a.ts"), "export {};\n");
  await execa("npm", ["install", "--package-lock-only", "--save-dev", ...packages, trap], { cwd: folder });
  return folder;
}

const bootstrap = (folder: string, env: Readonly<Record<string, string>>) =>
  execa("bash", ["scripts/bootstrap.sh"], { cwd: folder, env, all: true, reject: false });

test("When npm is one that can't install from our lock file, then another one is used", { skip }, async () => {
  const prefix = testFolder(uniqueName("npm"));
  await execa("npm", ["install", "--prefix", prefix, "npm@11.6.2"]);
  const folder = await freshClone();
  const env = { PATH: `${join(prefix, "node_modules/.bin")}:${process.env["PATH"]}` };
  const itself = await execa("npm", ["ci"], { cwd: folder, env, all: true, reject: false });
  assert.match(itself.all, /ERR_INVALID_ARG_TYPE/, "if this npm works there is nothing to get round");
  const { all, exitCode } = await bootstrap(folder, env);

  assert.equal(exitCode, 0, all);
  assert.ok(existsSync(join(folder, "node_modules/sshpk")));
});

for (const [name, value] of [
  ["NODE_ENV", "production"],
  ["npm_config_omit", "dev"],
  ["npm_config_omit", "optional"],
] as const)
  test(`When ${name} is ${value}, then all that the build needs is installed`, { skip }, async () => {
    const folder = await freshClone();
    const { all, exitCode } = await bootstrap(folder, { [name]: value, npm_config_engine_strict: "true" });

    assert.equal(exitCode, 0, all);
  });

/** A folder of programs that are all there is on PATH; what is not linked is written. */
function path(written: Readonly<Record<string, string>>, ...linked: readonly string[]): string {
  const folder = testFolder(uniqueName("path"));
  mkdirSync(folder, { recursive: true });
  for (const program of ["bash", "dirname", "mkdir"]) symlinkSync(`/usr/bin/${program}`, join(folder, program));
  for (const program of linked) symlinkSync(process.execPath, join(folder, program));
  for (const [program, text] of Object.entries(written)) {
    writeFileSync(join(folder, program), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

const howToInstall = ":\n  apt-get install nodejs npm (Debian 13), or https://nodejs.org";
const oldNode = '[ "$1" = --version ] && echo v18.20.4';

const missing: readonly [string, string, string][] = [
  ["there is no Node", path({}), "✖ Node 20.19 or later is needed, and there is no node"],
  ["Node is too old", path({ node: oldNode }), "✖ Node 20.19 or later is needed, and v18.20.4 is here"],
  ["there is no npm", path({}, "node"), "✖ npm is needed, and there is only Node"],
];

for (const [what, PATH, message] of missing)
  test(`When ${what}, then it is said what is here and what to type`, async () => {
    const { all, exitCode } = await bootstrap(root, { PATH });
    assert.deepEqual([all, exitCode], [message + howToInstall, 1]);
  });

for (const [target, message] of [
  ["down", "Nothing is running."],
  ["clean", "There is nothing to remove."],
] as const)
  test(`When nothing was ever built, then make ${target} has nothing to do, and installs nothing for that`, async () => {
    const folder = testFolder(uniqueName("clone"));
    mkdirSync(join(folder, "scripts"), { recursive: true });
    for (const file of ["Makefile", "scripts/bootstrap.sh"]) copyFileSync(join(root, file), join(folder, file));
    const PATH = path({});
    symlinkSync("/usr/bin/make", join(PATH, "make"));
    // A make up that has found no Node leaves nothing to stop.
    await bootstrap(folder, { PATH });
    const { all, exitCode } = await execa("make", ["--no-print-directory", target], {
      cwd: folder,
      env: { PATH },
      all: true,
      reject: false,
    });
    assert.deepEqual([all, exitCode], [message, 0]);
  });
