import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { root } from "../../scripts/runtime/paths.js";
import { composeFile } from "../support/compose_file.js";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const document = read("docs/operations.md");
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
const headings = (marks: string) =>
  [...document.matchAll(new RegExp(`^${marks} (.+)$`, "gm"))].map(([, text = ""]) => text);

interface Rule {
  readonly alert: string;
  readonly annotations: Readonly<Record<string, string>>;
}
const { groups }: { groups: readonly { readonly rules: readonly Rule[] }[] } = parse(
  read("deploy/observability/order_flow.rules.yml"),
);

test("When an alert fires, then it says what is wrong and what to do, and names its section, which exists", () => {
  const rules = groups.flatMap((group) => group.rules);
  assert.deepEqual(headings("###").sort(), rules.map(({ alert }) => alert).sort());
  for (const { alert, annotations } of rules) {
    assert.deepEqual(Object.keys(annotations), ["summary", "description", "runbook_url"], alert);
    assert.equal(annotations["runbook_url"], `docs/operations.md#${anchorOf(alert)}`);
    const [, section = ""] = document.split(`### ${alert}\n`);
    for (const part of ["Means", "Look at", "Type"])
      assert.ok(section.split("### ")[0]?.includes(`- **${part}**: `), alert);
  }
});

test("When the operations page links to a section, a page or a command, then it exists", () => {
  const anchors = [...headings("##"), ...headings("###")].map(anchorOf);
  for (const [, anchor = ""] of document.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(anchor), anchor);
  for (const [, page = ""] of document.matchAll(/\]\((\w+\.md)/g))
    assert.ok(existsSync(join(root, "docs", page)), page);
  for (const [, name = ""] of document.matchAll(/`?make ([a-z][a-z-]*)/g))
    assert.ok(read("Makefile").includes(`\n${name}: ## `), name);
});

test("When Prometheus and Grafana run in containers, then on 127.0.0.1, in a version, with files that exist", () => {
  const { services, volumes = {} } = composeFile("deploy/compose/observability.yml");
  for (const name of ["user_service", "orders_service", "notifications_service"])
    assert.deepEqual(services[name], { environment: { METRICS: "open" } });
  for (const name of ["prometheus", "grafana"]) {
    const { image = "", ports = [], volumes: mounted = [] } = services[name] ?? assert.fail(name);
    assert.match(image, /:v?\d+\.\d+\.\d+$/);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+$/);
    for (const [source = "", , mode] of mounted.map((volume) => volume.split(":")))
      assert.ok(source in volumes || (mode === "ro" && existsSync(join(root, source))), source);
  }
});
