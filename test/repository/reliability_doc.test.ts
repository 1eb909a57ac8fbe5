import assert from "node:assert/strict";
import { test } from "node:test";
import { tableOf } from "../support/markdown.js";
import { read } from "../support/repository.js";

const document = "docs/reliability.md";
const faults = tableOf(document, "fault");

/** The tests of a file as patterns of their titles: what a template fills in may be anything. */
function titlesOf(file: string): readonly RegExp[] {
  const titles = [...read(file).matchAll(/^\s*test\(\s*(["`])(When .*?)\1,/gm)].map(([, , title = ""]) => title);
  const pattern = (title: string) => title.split(/\$\{[^}]*\}/).map(literally);
  return titles.map((title) => new RegExp(`^${pattern(title).join(".+")}$`));
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Each test that `text` links to by its title must be there, and one at least. */
function assertTestsExist(text: string): void {
  const links = [...text.matchAll(/\[(When .*?)\]\(\.\.\/(.*?\.test\.ts)\)/g)];
  assert.ok(links.length > 0, "no test is named");
  for (const [, title = "", file = ""] of links) {
    const exists = titlesOf(file).some((pattern) => pattern.test(title));
    assert.ok(exists, `${file} has no test "${title}"`);
  }
}

test("When docs/scaling.md names tests, then they exist", () => {
  assertTestsExist(read("docs/scaling.md"));
});

test("When the faults are listed, then all 41 of them are", () => {
  assert.equal(new Set(faults.map(([fault]) => fault)).size, 41);
});

for (const [fault = "", , , proofs = ""] of faults)
  test(`When the fault "${fault}" is listed, then the tests that are named for it exist`, () => {
    assertTestsExist(proofs);
  });
