import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { root } from "../scripts/runtime/paths.js";
import { composeFile } from "./support/compose_file.js";

interface Job {
  readonly "timeout-minutes"?: number;
  readonly permissions?: unknown;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly services?: Readonly<Record<string, { readonly image: string }>>;
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

interface Workflow {
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = ".github/workflows";
const read = (file: string) => readFileSync(join(root, file), "utf8");

for (const file of readdirSync(join(root, folder))) {
  const text = read(join(folder, file));
  const workflow: Workflow = parse(text);

  test(`When ${file} uses an action, then one that nobody can exchange, with its version beside it`, () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => action);
    assert.ok(uses.length > 0);
    for (const action of uses) assert.match(action, /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`When ${file} calls make, then for what the Makefile has`, () => {
    const targets = [...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, target]) => target);
    for (const [, target] of text.matchAll(/\bmake ([a-z-]+)/g)) assert.ok(targets.includes(target), `make ${target}`);
  });

  test(`When ${file} runs, then it may read the repository and no more, and ends`, () => {
    assert.deepEqual(workflow.permissions, { contents: "read" });
    assert.ok(workflow.concurrency);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      assert.equal(job.permissions, undefined, name);
      assert.ok(Number(job["timeout-minutes"]) > 0, name);
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      for (const { with: options } of checkouts) assert.equal(options?.["persist-credentials"], false, name);
    }
  });
}

test("When the tests run elsewhere, then on every Node that is supported and on the servers of the compose file", () => {
  const workflow: Workflow = parse(read(join(folder, "ci.yml")));
  const { strategy, services = {} } = workflow.jobs["test"] ?? assert.fail("no job of that name");
  const oldest = /\d+\.\d+/.exec(JSON.parse(read("package.json")).engines.node)?.[0];
  assert.equal(strategy?.matrix.node[0], oldest);
  assert.equal(strategy?.matrix.node.at(-1), read(".nvmrc").trim());
  for (const [name, { image }] of Object.entries(services))
    assert.ok(composeFile().services[name]?.image?.startsWith(image), image);
});
