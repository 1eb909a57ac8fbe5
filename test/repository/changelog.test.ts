import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../support/repository.js";

const sections = read("CHANGELOG.md").split(/^## /m).slice(1);

test("When the changelog is read, then it has the form of Keep a Changelog, what is unreleased first", () => {
  const [unreleased, ...releases] = sections.map((section) => section.split("\n", 1)[0] ?? "");
  assert.equal(unreleased, "[Unreleased]");
  for (const heading of releases) assert.match(heading, /^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);

  const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  for (const section of sections)
    for (const [, kind = ""] of section.matchAll(/^### (.+)$/gm)) assert.ok(kinds.includes(kind), kind);
});

test("When a version stands in package.json, then the changelog says what is in it", () => {
  const { version } = JSON.parse(read("package.json"));
  assert.ok(sections.some((section) => section.startsWith(`[${version}] - `)));
});
