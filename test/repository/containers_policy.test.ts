import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { servicePorts, variables } from "@order-flow/common/config/variables.js";
import { execa } from "execa";
import { root } from "../../scripts/runtime/paths.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { developmentLogins } from "../../scripts/stack/compose.js";
import { services as ourServices } from "../../scripts/stack/services.js";
import { hostPorts } from "../../scripts/stack/settings.js";
import { composeFile } from "../support/compose_file.js";
import { environments } from "../support/environments.js";
import { read } from "../support/repository.js";

const { services, volumes = {} } = composeFile();
const serviceOf = (name: string) => services[name] ?? assert.fail(`docker-compose.yml has no ${name}`);

test("When the compose file is read, then it has the database, the broker and our services, and no more", () => {
  const ours = ourServices.map(({ name }) => name);
  assert.deepEqual(Object.keys(services).sort(), ["mongodb", "rabbitmq", ...ours].sort());
});

for (const [name, service] of Object.entries(services)) {
  test(`When ${name} runs in a container, then it is limited, restarted and given time to stop`, () => {
    assert.match(String(service["mem_limit"]), /^\d+[mg]$/);
    assert.equal(service["restart"], "unless-stopped");
    assert.equal(service["stop_grace_period"], "20s");
  });

  test(`When ${name} runs in a container, then it gets no power over the machine`, () => {
    const powers = ["privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode", "group_add"];
    const given = powers.filter((power) => power in service);
    assert.deepEqual(given, []);
    assert.deepEqual(service["security_opt"], ["no-new-privileges:true"]);
    // Named volumes alone: a path of the machine, its Docker socket too, would start with a dot or a slash.
    for (const volume of service.volumes ?? []) assert.ok((volume.split(":")[0] ?? "") in volumes, volume);
  });

  test(`When ${name} is asked for its health, then there is a check`, () => {
    if (service.build) assert.match(read(service.build.dockerfile), /^HEALTHCHECK --interval=5s /m);
    else assert.equal(service.healthcheck?.interval, "5s");
  });

  test(`When ${name} publishes a port, then on 127.0.0.1 alone, with a variable of make up and its default`, () => {
    assert.ok(service.ports?.length);
    for (const port of service.ports) checkPort(port, /^127\.0\.0\.1:/);
  });

  test(`When the image of ${name} is named, then with a version`, () => {
    // Without IMAGE_TAG it is empty: then compose builds, and the image has no name of its own.
    const released = `\${IMAGE_TAG:+\${IMAGE_REGISTRY:-set-IMAGE_REGISTRY.invalid}/${name}:\${IMAGE_TAG:-}}`;
    if (service.build) assert.equal(service.image, released);
    else assert.match(service.image ?? "", /:\d/);
  });
}

/** A port such as `127.0.0.1:${USERS_PORT:-3001}:3001`. */
function checkPort(port: string, host: RegExp): void {
  assert.match(port, host);
  const [, variable, number] = /:\$\{(\w+):-(\d+)\}:\d+$/.exec(port) ?? assert.fail(port);
  assert.equal(Object.entries(hostPorts).find(([name]) => name === variable)?.[1], Number(number), port);
}

test("When the ports are on [::1] too, then they are the same ones", () => {
  const { services: withIpv6 } = composeFile("deploy/compose/ipv6.yml");
  assert.deepEqual(Object.keys(withIpv6).sort(), Object.keys(services).sort());
  for (const [name, { ports = [], ...rest }] of Object.entries(withIpv6)) {
    assert.deepEqual(rest, {}, name);
    for (const port of ports) checkPort(port, /^\[::1\]:/);
    const onIpv4 = ports.map((port) => port.replace("[::1]", "127.0.0.1"));
    assert.deepEqual(onIpv4, serviceOf(name).ports);
  }
});

test("When the broker's container is replaced, then the new one finds the old one's messages", () => {
  const { hostname, volumes: kept } = serviceOf("rabbitmq");
  assert.equal(hostname, "rabbitmq");
  assert.deepEqual(kept, ["rabbitmq_data:/var/lib/rabbitmq"]);
});

test("When the broker's container has a limit of memory, then the broker knows it", () => {
  const { mem_limit: limit, environment } = serviceOf("rabbitmq");
  const bytes = Number.parseInt(String(limit), 10) * 1024 ** 3;
  assert.match(environment?.["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] ?? "", new RegExp(`_override_value ${bytes}$`));
});

test("When the compose file has a login for development, then it is the one that the scripts use", () => {
  const text = read("docker-compose.yml");
  for (const [variable, value] of Object.entries(developmentLogins)) {
    const defaults = [...text.matchAll(new RegExp(`\\$\\{${variable}:-(\\w+)\\}`, "g"))].map(([, found]) => found);
    assert.deepEqual([...new Set(defaults)], [value], variable);
  }
});

for (const { name } of ourServices) {
  const service = serviceOf(name);

  test(`When ${name} runs in a container, then it can write nothing and has no capabilities`, () => {
    assert.equal(service["read_only"], true);
    assert.deepEqual(service["cap_drop"], ["ALL"]);
    assert.equal(service["init"], true);
    assert.ok(Number(service["pids_limit"]) > 0);
    assert.equal(service.volumes, undefined);
  });

  test(`When ${name} is built for a container, then by its own Dockerfile, and its own port is published`, () => {
    assert.deepEqual(service.build, { context: ".", dockerfile: `${name}/Dockerfile` });
    assert.ok(service.ports?.every((port) => port.endsWith(`:${servicePorts[name]}`)));
  });

  test(`When ${name} starts in a container, then after what it needs is healthy`, () => {
    const needed = [
      ...("MONGODB_URI" in environments[name] ? ["mongodb"] : []),
      ...("RABBITMQ_URL" in environments[name] ? ["rabbitmq"] : []),
    ];
    const condition = { condition: "service_healthy" };
    assert.deepEqual(service.depends_on, Object.fromEntries(needed.map((other) => [other, condition])));
  });

  test(`When a variable of ${name} stands in .env, then its container gets it`, () => {
    const { PORT: _, ...environment } = environments[name];
    assert.deepEqual(Object.keys(service.environment ?? {}).sort(), Object.keys(environment).sort());
    for (const [variable, value] of Object.entries(service.environment ?? {}))
      assert.ok(value.startsWith(`\${${variable}:-`), `${variable}: ${value}`);
    assert.equal(service.environment?.["NODE_ENV"], `\${NODE_ENV:-${variables.NODE_ENV.default}}`);
  });
}

test("When traces are kept in containers, then each service sends them to that of Jaeger", () => {
  const { jaeger, ...ours } = composeFile("deploy/compose/tracing.yml").services;
  assert.match(jaeger?.image ?? "", /:\d/);
  assert.deepEqual(Object.keys(ours).sort(), ourServices.map(({ name }) => name).sort());
  for (const { environment } of Object.values(ours))
    assert.equal(environment?.["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://jaeger:4318");
});

test("When docker compose reads the files, then it finds no mistake", async (t) => {
  const { failed } = await execa("docker", ["compose", "version"], { reject: false });
  if (failed) return t.skip("docker compose is not installed");
  const overlays = ["ipv6", "cluster", "observability", "tracing"].map((name) => `deploy/compose/${name}.yml`);
  const all = ["docker-compose.yml", ...overlays].flatMap((file) => ["--file", file]);
  for (const files of [[], all])
    await execa("docker", ["compose", ...files, "config", "--quiet"], { cwd: root, all: true });
});

for (const [tag, images] of [
  ["", "--build"],
  ["0.1.0", "--no-build"],
])
  test(`When make up starts containers with IMAGE_TAG=${tag}, then docker compose gets ${images}`, async () => {
    const bin = testFolder("docker_that_echoes");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "docker"), '#!/bin/sh\necho "$@" >> "$0.calls"\n', { mode: 0o755 });
    const compose = pathToFileURL(join(root, "build/scripts/stack/compose.js"));
    const script = `const { composeUp } = await import("${compose}"); await composeUp();`;
    const env = { PATH: `${bin}:${process.env["PATH"]}`, IMAGE_TAG: tag };
    await execa(process.execPath, ["--input-type=module", "--eval", script], { env });
    const [up] = readFileSync(join(bin, "docker.calls"), "utf8").trim().split("\n").slice(-1);
    assert.match(String(up), new RegExp(` up --detach ${images}$`));
  });
