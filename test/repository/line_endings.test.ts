import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { read } from "../support/repository.js";
import { uniqueName } from "../support/services.js";

test("When Git is told to write CRLF, then what Linux runs has none all the same", async (t) => {
  if (!existsSync(join(root, ".git"))) return t.skip("this is no clone");
  const clone = testFolder(uniqueName("clone"));
  await execa("git", ["clone", "--quiet", "--config", "core.autocrlf=true", root, clone]);

  for (const file of ["Makefile", "scripts/bootstrap.sh", "user_service/Dockerfile"])
    assert.ok(!readFileSync(join(clone, file), "utf8").includes("\r"), file);
});

test("When an archive was unpacked without modes, then make does not need them", () => {
  const calls = read("Makefile").match(/\S*\s*scripts\/\w+\.sh/g) ?? [];

  assert.deepEqual(new Set(calls.map((call) => call.replace(/^@/, ""))), new Set(["bash scripts/bootstrap.sh"]));
});
