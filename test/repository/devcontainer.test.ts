import assert from "node:assert/strict";
import { test } from "node:test";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { read } from "../support/repository.js";

const container = JSON.parse(read(".devcontainer/devcontainer.json").replace(/^\/\/.*\n/, ""));

test("When the repository is opened in a container, then it has what make up needs without Docker", () => {
  assert.match(container.image, new RegExp(`:\\d+-${read(".nvmrc").trim()}-bookworm$`));
  assert.equal(container.containerEnv.runtime, "embedded");
  for (const name of ["make", "python3-venv", "rabbitmq-server"])
    assert.ok(container.onCreateCommand.split(" ").includes(name), name);
  assert.equal(container.updateContentCommand, "bash scripts/bootstrap.sh");
});

test("When the repository is opened in a container, then the ports of the services are forwarded, with their names", () => {
  assert.deepEqual(container.forwardPorts, Object.values(servicePorts));
  const labels = Object.entries<{ label: string }>(container.portsAttributes).map(([port, { label }]) => [
    label,
    +port,
  ]);
  assert.deepEqual(Object.fromEntries(labels), servicePorts);
});
