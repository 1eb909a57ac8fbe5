import assert from "node:assert/strict";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { logsFolder, outputFile, passwordsFile, secretsIn } from "../scripts/stack/secrets.js";

const run = testFolder("secrets");
const password = 'pass "word" \u00e9\u0301';

mkdirSync(logsFolder(run), { recursive: true });
appendFileSync(passwordsFile(run), `${JSON.stringify(password)}\n"xxxxxxxx"\n"broken\n`);

const logged = [
  { what: "a password as it is", line: `creating ${password}`, found: true },
  { what: "a password within JSON", line: JSON.stringify({ body: { password } }), found: true },
  { what: "the hash of a password", line: '{"user":{"password_hash":"$2b$10$abcdefghijklmnopqrstuv"}}', found: true },
  { what: "part of a password", line: "creating pass", found: false },
  { what: "characters that a test took for a password", line: "xxxxxxxx", found: false },
  { what: "the name of the field", line: '{"errors":[{"field":"/password"}]}', found: false },
];

for (const [index, { what, line, found }] of logged.entries())
  test(`When a log holds ${what}, then the run ${found ? "fails for it" : "goes on"}`, () => {
    appendFileSync(join(logsFolder(run), `${index}.log`), `{"message":"request"}\n${line}\n`);

    assert.equal(secretsIn(run).includes(line), found);
  });

test("When the run itself prints a password, then it fails for it", () => {
  const line = `# a test says ${password}`;
  appendFileSync(outputFile(run), `${line}\n`);

  assert.ok(secretsIn(run).includes(line));
});
