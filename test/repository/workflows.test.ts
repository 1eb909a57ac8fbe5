import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { parse } from "yaml";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { services } from "../../scripts/stack/services.js";
import { composeFile } from "../support/compose_file.js";
import { read } from "../support/repository.js";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly "timeout-minutes"?: number;
  readonly permissions?: unknown;
  readonly uses?: string;
  readonly needs?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly services?: Readonly<Record<string, { readonly image: string }>>;
  /** None in a job that calls a workflow. */
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = ".github/workflows";
/** Of the jobs that may do more than read. */
const permissions: Readonly<Record<string, object>> = {
  "release.yml images": { contents: "read", packages: "write" },
  "release.yml publish": { contents: "write", packages: "write" },
  "security.yml codeql": { contents: "read", "security-events": "write" },
};

for (const file of readdirSync(join(root, folder))) {
  const text = read(join(folder, file));
  const workflow: Workflow = parse(text);

  test(`When ${file} uses an action, then one that nobody can exchange, with its version beside it`, () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => action);
    assert.ok(uses.length > 0);
    // A workflow of this repository is as the tag has it.
    for (const action of uses.filter((name) => !name.startsWith("./")))
      assert.match(action, /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`When ${file} calls make, then for what the Makefile has`, () => {
    const targets = [...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, target]) => target);
    for (const [, target] of text.matchAll(/\bmake ([a-z-]+)/g)) assert.ok(targets.includes(target), `make ${target}`);
  });

  test(`When ${file} runs, then it may read the repository and no more than it must, and ends`, () => {
    assert.deepEqual(workflow.permissions, { contents: "read" });
    assert.ok(workflow.concurrency);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      assert.deepEqual(job.permissions, permissions[`${file} ${name}`], name);
      // A job that calls a workflow is bounded by the jobs of that one.
      assert.ok(job.uses === "./.github/workflows/ci.yml" || Number(job["timeout-minutes"]) > 0, name);
      const checkouts = (job.steps ?? []).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      for (const { with: options } of checkouts) assert.equal(options?.["persist-credentials"], false, name);
    }
  });
}

test("When the tests run elsewhere, then on every Node that is supported and on the servers of the compose file", () => {
  const workflow: Workflow = parse(read(join(folder, "ci.yml")));
  const { strategy, services = {} } = workflow.jobs["test"] ?? assert.fail("no job of that name");
  const oldest = /\d+\.\d+/.exec(JSON.parse(read("package.json")).engines.node)?.[0];
  assert.equal(strategy?.matrix["node"]?.[0], oldest);
  assert.equal(strategy?.matrix["node"]?.at(-1), read(".nvmrc").trim());
  for (const [name, { image }] of Object.entries(services))
    assert.ok(composeFile().services[name]?.image?.startsWith(image), image);
});

const releaseJobs = () => {
  const { jobs }: Workflow = parse(read(join(folder, "release.yml")));
  return jobs;
};

function stepOf(job: Job | undefined, name: string): string {
  return job?.steps?.find((step) => step.name === name)?.run ?? assert.fail(`no step "${name}"`);
}

test("When a tag is pushed, then CI comes first, then each service for both architectures, then the release", () => {
  const jobs = releaseJobs();
  const order = Object.entries(jobs).map(([name, { needs }]) => `${name} after ${needs}`);
  assert.deepEqual(order, [
    "version after undefined",
    "test after version",
    "images after test",
    "publish after images",
  ]);
  const names = services.map(({ name }) => name);
  assert.deepEqual(jobs["images"]?.strategy?.matrix, { service: names, arch: ["amd64", "arm64"] });
  assert.match(stepOf(jobs["images"], "Build and push"), / --sbom=true --provenance=mode=max /);
  assert.ok(stepOf(jobs["publish"], "Join the images").includes(`for service in ${names.join(" ")}; do`));
});

for (const [tag, exitCode] of [
  ["v0.1.0", 0],
  ["v0.0.9", 1],
] as const)
  test(`When the tag ${tag} is pushed, then its checks end with ${exitCode}`, async () => {
    const checks = releaseJobs()["version"]?.steps?.flatMap(({ run }) => run ?? []) ?? [];
    assert.equal(checks.length, 2);
    for (const check of checks) {
      const options = { cwd: root, env: { GITHUB_REF_NAME: tag }, reject: false };
      assert.equal((await execa("bash", ["-e", "-c", check], options)).exitCode, exitCode, check);
    }
  });

test("When a release is published, then its notes are what the changelog has of that version, and no more", async () => {
  const env = { GITHUB_REF_NAME: "v0.1.0", RUNNER_TEMP: testFolder("release") };
  mkdirSync(env.RUNNER_TEMP, { recursive: true });
  const step = stepOf(releaseJobs()["publish"], "Take the notes from the changelog");
  await execa("bash", ["-e", "-c", step], { cwd: root, env });
  const section = read("CHANGELOG.md")
    .split(/^## .*\n/m)
    .at(-1);
  assert.equal(readFileSync(join(env.RUNNER_TEMP, "notes.md"), "utf8"), section);
});
