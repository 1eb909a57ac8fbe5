import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { root } from "../scripts/runtime/paths.js";
import { replicasComposeFile } from "../scripts/stack/compose_replicas.js";
import { maxReplicas, replicasOf, services } from "../scripts/stack/services.js";
import { afterAll } from "./support/cleanup.js";
import { composeFile } from "./support/compose_file.js";
import { call } from "./support/http.js";
import { startUserService, uniqueName } from "./support/services.js";

const { services: composed } = composeFile();
const hosts = ["127.0.0.1", "[::1]"];

test("When there is one of each service, then it is called as its service and has its port", () => {
  const [names, expected] = [replicasOf(1), services].map((all) => all.map(({ name }) => name));

  assert.deepEqual(names, expected);
});

test("When there are as many of each service as there may be, then no two have a name or a port in common", () => {
  const all = replicasOf(maxReplicas);

  assert.equal(new Set(all.map(({ name }) => name)).size, services.length * maxReplicas);
  assert.equal(new Set(all.map(({ port }) => port)).size, services.length * maxReplicas);
});

for (const { service, name, port } of replicasOf(3).filter(({ service, name }) => name !== service.name))
  test(`When ${name} runs in a container, then it is like the first but for its port on this machine`, () => {
    const { services: others } = Object(replicasComposeFile(3, hosts));
    const { ports, ...rest } = others[name];
    const { ports: firstPorts, ...first } = Object(composed[service.name]);
    const [inside] = String(firstPorts).split(":").slice(-1);
    const ownPorts = hosts.map((host) => `${host}:${port}:${inside}`);

    assert.deepEqual({ ports, ...rest }, { ...first, ports: ownPorts });
  });

test("When there are two of a service, then each counts the requests of a client for itself", async () => {
  const settings = { RATE_LIMIT_PER_MINUTE: "1" };
  for (let replica = 0; replica < 2; replica += 1) {
    const { url } = await startUserService(settings);
    const statuses = [await call(`${url}/users`), await call(`${url}/users`)].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 429]);
  }
});

test("When the broker is a cluster, then further replicas in containers get the URLs of all nodes", () => {
  const { services: others } = Object(replicasComposeFile(2, hosts, ["deploy/compose/cluster.yml"]));

  const allNodes = /@rabbitmq:5672,amqp:.*@rabbitmq-2:5672,amqp:.*@rabbitmq-3:5672/;
  for (const name of ["orders_service_2", "notifications_service_2"])
    assert.match(others[name].environment.RABBITMQ_URL, allNodes);
});

test("When traces are kept, then further replicas in containers send theirs too", () => {
  const { services: others } = Object(replicasComposeFile(2, hosts, ["deploy/compose/tracing.yml"]));

  for (const { name } of services)
    assert.equal(others[`${name}_2`].environment.OTEL_EXPORTER_OTLP_ENDPOINT, "http://jaeger:4318");
});

test("When docker compose reads the file of the replicas beside the other, then it finds no mistake", async (t) => {
  const { failed } = await execa("docker", ["compose", "version"], { reject: false });
  if (failed) return t.skip("docker compose is not installed");
  const file = join(tmpdir(), `${uniqueName("replicas")}.json`);
  writeFileSync(file, JSON.stringify(replicasComposeFile(2, hosts)));
  afterAll(() => execa("rm", [file]));
  const files = ["--file", "docker-compose.yml", "--file", file];
  await execa("docker", ["compose", ...files, "config", "--quiet"], { cwd: root, all: true });
});
