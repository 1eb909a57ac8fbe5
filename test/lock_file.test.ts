import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startedAt } from "../scripts/runtime/identity.js";
import { withLock } from "../scripts/runtime/lock_file.js";
import { testFolder } from "../scripts/runtime/run_folder.js";

const folder = testFolder("lock_file");
mkdirSync(folder, { recursive: true });
const fileFor = (name: string) => join(folder, name);
const lock = (file: string, work: () => Promise<void>) => withLock(file, "the work is done", 60_000, work);

test("When two want a lock at once, then one works after the other, and it is free in the end", async () => {
  const file = fileFor("two");
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise(setImmediate);
    seen.push(`${name} ends`);
  };
  await Promise.all([lock(file, work("a")), lock(file, work("b"))]);
  assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends"]);
  assert.equal(existsSync(file), false);
});

test("When its holder was killed, then the next one takes the lock", async () => {
  const file = fileFor("killed");
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(file, `${child.pid} ${startedAt(child.pid ?? 0)}`);
  await assert.rejects(
    withLock(file, "the work is done", 300, async () => {}),
    /another run holds/,
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  await lock(file, async () => assert.match(readFileSync(file, "utf8"), new RegExp(`^${process.pid} `)));
});

test("When a full disk left the lock empty, then it holds nobody up", async () => {
  const file = fileFor("empty");
  writeFileSync(file, "");
  utimesSync(file, new Date(0), new Date(0));
  await lock(file, async () => {});
});

test("When the work fails, then the lock is free and the error is told", async () => {
  const file = fileFor("failing");
  const failing = lock(file, async () => assert.fail("the disk is full"));
  await assert.rejects(failing, /the disk is full/);
  assert.equal(existsSync(file), false);
});
