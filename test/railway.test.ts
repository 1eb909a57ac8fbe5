import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "@order-flow/common/config/config.js";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { parse } from "dotenv";
import { createRailwayContext, project, type ServiceNode, type VariableValue } from "railway/iac";
import railway from "../.railway/railway.js";
import { root } from "../scripts/runtime/paths.js";
import { services } from "../scripts/stack/services.js";
import { composeFile } from "./support/compose_file.js";
import { environments } from "./support/environments.js";
import { ServiceProcess } from "./support/processes.js";
import { read } from "./support/repository.js";
import { databaseUri, testServers, uniqueName } from "./support/services.js";

const plan = await railway(createRailwayContext({ environment: "production" }), project);
const resources = (plan.resources ?? []).flat();
const key = "k".repeat(16);

function serviceOf(name: string): ServiceNode {
  const node = resources.find((resource) => resource.name === name);
  return node?.type === "service" ? node : assert.fail(`.railway/railway.ts has no service ${name}`);
}

const literalOf = (service: ServiceNode, name: string): string | undefined => {
  const value = service.variables?.[name];
  return value?.type === "literal" ? (value.value ?? undefined) : undefined;
};

/** What stands for the value in this test: a reference becomes the test's own server, a secret becomes `key`. */
function resolved(value: VariableValue): string {
  if (value.type === "literal") return value.value ?? "";
  if (value.type === "preserve") return key;
  if (value.type !== "reference") return assert.fail(`a ${value.type} is not expected here`);
  const { resource, output } = value;
  if (resource === "database.MongoDB" && output === "MONGO_URL") return databaseUri(uniqueName("railway"));
  if (resource === "service.rabbitmq" && output === "AMQP_URL") return testServers().rabbitmq;
  const target = resources.find(({ address }) => address === resource);
  const variable = target?.type === "service" ? target.variables?.[output] : undefined;
  return variable ? resolved(variable) : assert.fail(`${resource} has no ${output}`);
}

const resolvedVariables = ({ variables = {} }: ServiceNode): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolved(value)]));

test("When Railway's configuration is planned, then it has what docker compose has, each thing once", () => {
  const addresses = resources.map(({ address }) => address).sort();
  const ours = Object.keys(environments).map((name) => `service.${name}`);
  assert.deepEqual(addresses, ["database.MongoDB", "volume.rabbitmq-data", "service.rabbitmq", ...ours].sort());
});

test("When Railway runs the broker, then the image, its volume and its node name keep the messages", () => {
  const broker = serviceOf("rabbitmq");
  const { image, volumes } = composeFile().services["rabbitmq"] ?? {};
  assert.equal(broker.source?.image, image);
  const mounts = Object.values(broker.volumeAttachments ?? {}).map(({ mountPath }) => mountPath);
  assert.deepEqual(mounts, [volumes?.[0]?.split(":")[1]]);
  assert.equal(literalOf(broker, "RABBITMQ_NODENAME"), "rabbit@localhost");
});

test("When Railway's services talk to the broker, then inside, with the login that it was given", () => {
  const broker = serviceOf("rabbitmq");
  const filled = { ...resolvedVariables(broker), RAILWAY_PRIVATE_DOMAIN: "rabbitmq.railway.internal" };
  const url = literalOf(broker, "AMQP_URL")?.replace(/\$\{\{(\w+)\}\}/g, (_, name) => Reflect.get(filled, name));
  assert.equal(url, `amqp://order_flow:${key}@rabbitmq.railway.internal:5672`);
});

test("When Railway's configuration is read by anybody, then there is no secret in it", () => {
  const secret = /KEY|PASS|MONGODB_URI|RABBITMQ_URL/;
  for (const resource of resources)
    if (resource.type === "service")
      for (const [name, { type }] of Object.entries(resource.variables ?? {}))
        if (secret.test(name)) assert.match(type, /^(preserve|reference)$/, `${resource.name}: ${name}`);
});

for (const name of ["rabbitmq", ...services.map(({ name }) => name)])
  test(`When ${name} is made in the dashboard, then the guide has the variables that the file plans`, () => {
    const blocks = read("docs/deployment.md").matchAll(/^ *```dotenv (\w+)\n([\s\S]*?)^ *```$/gm);
    const block = [...blocks].find(([, service]) => service === name)?.[2];
    const planned = Object.entries(serviceOf(name).variables ?? {}).map(shownInDashboard);
    assert.deepEqual(parse((block ?? "").replace(/=<.+>$/gm, "=<secret>")), Object.fromEntries(planned));
  });

function shownInDashboard([name, value]: readonly [string, VariableValue]): readonly [string, string] {
  if (value.type === "literal") return [name, value.value ?? ""];
  if (value.type !== "reference") return [name, "<secret>"];
  return [name, `\${{${value.resource.replace(/^\w+\./, "")}.${value.output}}}`];
}

for (const { name } of services) {
  const environment = environments[name];

  test(`When Railway sets the variables of ${name}, then it gets all that it must have, and none it does not read`, () => {
    const planned = resolvedVariables(serviceOf(name));
    const { PORT, NODE_ENV, TRUST_PROXY } = readConfig(environment, planned);
    assert.deepEqual(
      { PORT, NODE_ENV, TRUST_PROXY },
      { PORT: servicePorts[name], NODE_ENV: "production", TRUST_PROXY: 1 },
    );
    const own = Object.keys(planned).filter((variable) => !variable.startsWith("RAILWAY_"));
    const unread = own.filter((variable) => !(variable in environment));
    assert.deepEqual(unread, []);
    // Optional for the service, and yet what keeps two deployments from printing an order twice.
    assert.ok("MONGODB_URI" in planned);
  });

  test(`When Railway starts ${name} with those variables, then its health check is answered`, async () => {
    const service = serviceOf(name);
    const { PORT: _, ...planned } = resolvedVariables(service);
    const child = await ServiceProcess.start(name, { ...planned, ORDERS_QUEUE: uniqueName("railway") });
    await child.answers(service.deploy?.healthcheckPath ?? "");
    assert.equal((await child.end()).code, 0);
  });

  test(`When Railway replaces ${name}, then the old one has longer than the ten seconds that it may take`, () => {
    assert.ok(Number(serviceOf(name).deploy?.drainingSeconds) > 10);
    assert.ok(Number(serviceOf(name).deploy?.numReplicas) >= 1);
  });

  test(`When Railway builds ${name}, then by its Dockerfile, and again whenever something in it changes`, () => {
    const { build, source, variables } = serviceOf(name);
    assert.equal(source?.rootDirectory, undefined, "the build context is the root");
    const dockerfile = resolved(variables?.["RAILWAY_DOCKERFILE_PATH"] ?? assert.fail("no Dockerfile"));
    assert.equal(dockerfile, `/${name}/Dockerfile`);
    assert.ok(existsSync(join(root, dockerfile)));
    const copied = [...read(dockerfile).matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
      .flatMap(([, files = ""]) => files.split(" "))
      // A dependency of another service's is not in this image; the lock file changes with it all the same.
      .filter((file) => !/^(?!common\/)\w+_service\/package\.json$/.test(file) || file.startsWith(`${name}/`));
    const watched = build?.watchPatterns?.map((pattern) => pattern.replace(/^\/|\/\*\*$/g, "")) ?? [];
    for (const file of copied) assert.ok(watched.includes(file.split("/")[0] ?? ""), file);
  });
}
