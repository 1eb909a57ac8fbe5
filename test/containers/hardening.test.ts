import assert from "node:assert/strict";
import { after, test } from "node:test";
import { execa } from "execa";
import { composeServers } from "../../scripts/stack/compose.js";
import { services } from "../../scripts/stack/services.js";
import { bringUp, containerOf, docker } from "./system.js";

interface Container {
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly State: Readonly<Record<string, unknown>>;
}

const ours = services.map(({ name }) => name);
const limits = { Privileged: false, CapAdd: null, SecurityOpt: ["no-new-privileges:true"] };
const ourLimits = { Memory: 512 * 1024 ** 2, PidsLimit: 128, ReadonlyRootfs: true, CapDrop: ["ALL"], Init: true };

async function inspect(id: string): Promise<Container> {
  const found: readonly Container[] = JSON.parse(await docker("inspect", id));
  return found[0] ?? assert.fail(`no container ${id}`);
}

after(bringUp);

for (const name of [...ours, ...composeServers])
  test(`When docker inspects the container of ${name}, then it shows the limits`, async () => {
    const { HostConfig } = await inspect(await containerOf(name));
    const expected = { ...limits, ...(ours.some((our) => our === name) ? ourLimits : { Memory: 1024 ** 3 }) };
    const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, HostConfig[key]]));
    assert.deepEqual(shown, expected);
  });

for (const name of ours) {
  test(`When ${name} runs, then no process of it is root or has a capability`, async () => {
    const id = await containerOf(name);
    const [, ...processes] = (await docker("top", id, "-eo", "pid,uid")).split("\n");
    assert.ok(processes.length >= 2, "init and node");
    for (const process of processes) assert.match(process, /^ *\d+ +1000 *$/);
    const status = await docker("exec", id, "cat", "/proc/1/status");
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^CapBnd:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
  });

  test(`When a file is written in the container of ${name}, then nothing but memory takes it`, async () => {
    const id = await containerOf(name);
    for (const folder of ["/app", `/app/${name}/dist`, "/tmp", "/home/node", "/var/tmp"]) {
      // As root, who would be stopped by nothing else.
      const touch = ["exec", "--user", "root", id, "touch", `${folder}/file`];
      const { stderr, failed } = await execa("docker", touch, { reject: false });
      assert.ok(failed, folder);
      assert.match(stderr, /Read-only file system/);
    }
    // Its exit code tells of folders that only root may read.
    const find = ["exec", id, "find", "/", "-xdev", "-writable", "-not", "-type", "l"];
    assert.equal((await execa("docker", find, { reject: false })).stdout, "");
  });

  test(`When an idle ${name} gets SIGTERM, then its container ends by itself`, async () => {
    const id = await containerOf(name);
    await docker("stop", id);
    const { State } = await inspect(id);
    assert.deepEqual({ code: State["ExitCode"], killed: State["OOMKilled"] }, { code: 0, killed: false });
  });
}
