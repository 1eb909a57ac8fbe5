import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { haproxyProgram } from "../../scripts/runtime/haproxy.js";

/** What makes this process root in namespaces of its own, where that needs no question. */
async function howToEnter(): Promise<readonly string[] | undefined> {
  const namespaces = ["--net", "--mount", "--mount-proc", "--pid", "--fork", "--kill-child"];
  const ways = [
    ["unshare", "--user", "--map-root-user", ...namespaces],
    ["sudo", "-n", "-E", "unshare", ...namespaces],
  ];
  for (const [file = "", ...args] of ways)
    if (!(await execa(file, [...args, "true"], { reject: false })).failed) return [file, ...args];
  return undefined;
}

test("When three network namespaces are machines, then faults of one lose no order", async (t) => {
  const enter = await howToEnter();
  if (!enter) return t.skip("neither user namespaces nor sudo without a password are here");
  if (!(await haproxyProgram())) return t.skip("haproxy is not installed, and can't be without asking");
  // Else the runner inside takes itself for a part of this one, and reports to it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const inside = fileURLToPath(new URL("hosts_inside.js", import.meta.url));
  const args = [...enter.slice(1), process.execPath, "--enable-source-maps", "--test-reporter=spec", inside];
  const running = execa(enter[0] ?? "", args, { env, extendEnv: false, all: true, reject: false });
  for await (const line of running.iterable({ from: "all" })) t.diagnostic(line);
  assert.equal((await running).exitCode, 0);
});
