import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/runtime/paths.js";
import { read } from "../support/repository.js";

const file = "docs/brief.md";
const rows = [...read(file).matchAll(/^\| (?!asked )(.+) \| (.+) \| (.+) \|$/gm)];
const targets = [...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, target]) => target);

/** The anchors that GitHub gives to the headings of a Markdown file. */
function anchorsOf(name: string): readonly string[] {
  const headings = [...read(name).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^a-z0-9 _-]/g, "").replaceAll(" ", "-"));
}

test("When the brief is answered, then both of its parts are, in at least 25 points", () => {
  assert.match(read(file), /^## Part 1: [\s\S]*^## Part 2: /m);
  assert.ok(rows.length >= 25, `${rows.length}`);
});

for (const [row, asked = "", where = "", shownBy = ""] of rows)
  test(`When the brief asks for "${asked}", then the files and make targets that show it exist`, () => {
    const links = [...row.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)];
    for (const [, link = "", anchor] of links) {
      const target = join(dirname(file), link);
      assert.ok(existsSync(join(root, target)), target);
      if (anchor) assert.ok(anchorsOf(target).includes(anchor), `${target}#${anchor}`);
    }
    const commands = [...row.matchAll(/`make ([a-z-]+)/g)].map(([, target]) => target);
    for (const command of commands) assert.ok(targets.includes(command), `make ${command}`);
    assert.match(where, /\]\(|`/, "a file");
    assert.match(shownBy, /\]\(|`/, "a command, a call or a test");
  });

test("When the README is opened, then its first screen leads to the brief", () => {
  const [firstScreen = ""] = read("README.md").split("\n## ");
  assert.ok(firstScreen.includes(`(${file})`));
});
