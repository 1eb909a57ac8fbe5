import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { withTimeout } from "@order-flow/common/util/timeout.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { root } from "../../scripts/runtime/paths.js";
import { devFlagsOf, services } from "../../scripts/stack/services.js";
import { hostPorts } from "../../scripts/stack/settings.js";
import { Inspector } from "../support/inspector.js";
import { ServiceProcess } from "../support/processes.js";
import { read } from "../support/repository.js";
import { databaseUri, uniqueName } from "../support/services.js";

test("When VS Code debugs, then it attaches to each service of make dev, at its port", () => {
  const { configurations, compounds } = JSON.parse(read(".vscode/launch.json"));
  assert.equal(configurations.length, services.length);
  for (const [index, { name, debugPortVariable }] of services.entries()) {
    const { request, port, outFiles } = configurations[index];
    const files = [`\${workspaceFolder}/{common,${name}}/dist/**/*.js`];
    assert.deepEqual([request, port, outFiles], ["attach", hostPorts[debugPortVariable], files]);
    assert.deepEqual([configurations[index].name, compounds[0].configurations[index]], [name, name]);
  }
  assert.equal(compounds[0].configurations.length, services.length);
});

test("When a breakpoint is set in TypeScript, then a request to a service of make dev stops there", async () => {
  const file = "user_service/src/controllers/user_controller.ts";
  const source = pathToFileURL(join(root, file)).href;
  const line = read(file)
    .split("\n")
    .findIndex((text) => text.includes("users.get("));
  const port = await freePort();
  const service = await ServiceProcess.start(
    "user_service",
    { MONGODB_URI: databaseUri(uniqueName("users")), LOG_FORMAT: "json" },
    { shell: `exec "$0" ${devFlagsOf(port).join(" ")} "$1"` },
  );
  let inspector: Inspector | undefined;
  try {
    await service.answers();
    inspector = await Inspector.attach(port);
    await inspector.setBreakpoint({ source, line });
    const paused = withTimeout(inspector.paused(), 60_000, "reaching the breakpoint");
    const response = fetch(`${service.url}/users/${"0".repeat(24)}`);
    assert.deepEqual(await paused, { source, line });
    await inspector.resume();
    assert.equal((await response).status, 404);
  } finally {
    // A process does not end while a debugger is attached. SIGKILL would leave behind what node watches.
    inspector?.close();
    await service.end("SIGTERM");
  }
});
