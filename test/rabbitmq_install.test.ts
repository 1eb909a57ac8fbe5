import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { scriptsAlone } from "./support/scripts.js";
import { uniqueName } from "./support/services.js";

const downloads = testFolder(uniqueName("downloads"));
mkdirSync(downloads, { recursive: true });
const download = await execa("apt-get", ["download", "rabbitmq-server"], { cwd: downloads, reject: false });

test("When nobody may install packages, then make up unpacks those of RabbitMQ, and Erlang runs from there", {
  skip: download.failed && "apt-get can't download packages",
}, async () => {
  const checkout = scriptsAlone();
  const state = join(checkout, ".state");
  mkdirSync(state);
  chmodSync(state, 0o777);
  writeFileSync(join(checkout, "sudo"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const env = { PATH: `${checkout}:${process.env["PATH"]}` };
  const code = `const { installRabbitmq } = await import("${checkout}/build/scripts/runtime/rabbitmq_install.js");
    await installRabbitmq();`;
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  await execa(process.execPath, ["--input-type=module", "--eval", code], { env, cwd: checkout, ...nobody });

  const usr = join(state, "tools/rabbitmq/usr");
  const print = 'io:format("~s", [code:root_dir()]), halt().';
  const { stdout } = await execa(join(usr, "lib/erlang/bin/erl"), ["-noshell", "-eval", print]);
  assert.equal(stdout, join(usr, "lib/erlang"));
  assert.ok(existsSync(join(usr, "lib/rabbitmq/bin/rabbitmq-server")));
});
