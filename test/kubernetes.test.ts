import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "@order-flow/common/config/config.js";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { execa } from "execa";
import { stringify } from "yaml";
import { writeOverlay } from "../scripts/kubernetes/overlay.js";
import { validate } from "../scripts/kubernetes/validate.js";
import { onPath } from "../scripts/runtime/programs.js";
import { nodeFlags, services } from "../scripts/stack/services.js";
import { composeFile } from "./support/compose_file.js";
import { environments } from "./support/environments.js";
import { FaultProxy } from "./support/fault_proxy.js";
import { components, type PodSpec, type Resource, resourcesIn, resourcesOf } from "./support/manifests.js";
import { ServiceProcess } from "./support/processes.js";
import { read } from "./support/repository.js";
import { databaseUri, testServers, uniqueName } from "./support/services.js";

const key = "k".repeat(16);
/** How long after a pod's SIGTERM a proxy may go on sending requests to it. */
const proxyDelayMs = 5_000;
const stopTimeoutMs = 10_000;
const base = resourcesOf("");
const folder = mkdtempSync(join(tmpdir(), "order_flow_manifests_"));
after(() => rmSync(folder, { recursive: true }));

// CI has both, or it is not what it is meant to be.
const missing = async (program: string) =>
  (await onPath(program)) === undefined && !process.env["CI"] && `${program} is not installed`;
const skipValidation = await missing("python3");
const skipRendering = await missing("kubectl");

function find(kind: string, name: string, resources = base): Resource {
  const found = resources.filter((resource) => resource.kind === kind && resource.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0] ?? assert.fail();
}

const podOf = (name: string): PodSpec => find("Deployment", name).spec.template.spec;
const containerOf = (name: string) => podOf(name).containers[0];

/** The environment that a pod of the service would have; the operator's secret has the test's own servers. */
function environmentOf(name: string): Record<string, string> {
  const secret: Record<string, string> = {
    API_KEY: key,
    MONGODB_URI: databaseUri(uniqueName("kubernetes")),
    RABBITMQ_URL: testServers().rabbitmq,
  };
  const { env, envFrom } = containerOf(name);
  const shared = envFrom.map(({ configMapRef }) => find("ConfigMap", configMapRef.name).data);
  const own = env.map(({ name: variable, value, valueFrom }) => [
    variable,
    value ?? secret[valueFrom?.secretKeyRef.key ?? ""] ?? assert.fail(`${variable} has no value`),
  ]);
  return Object.assign({}, ...shared, Object.fromEntries(own));
}

/** What the Pod Security Standard "restricted" asks of a pod. */
function checkRestricted({ containers: [container], securityContext, ...pod }: PodSpec): void {
  assert.equal(securityContext["runAsNonRoot"], true);
  assert.ok(Number(securityContext["runAsUser"]) > 0);
  assert.deepEqual(securityContext["seccompProfile"], { type: "RuntimeDefault" });
  assert.equal(container.securityContext["allowPrivilegeEscalation"], false);
  assert.deepEqual(container.securityContext["capabilities"], { drop: ["ALL"] });
  assert.notEqual(container.securityContext["privileged"], true);
  for (const field of ["hostNetwork", "hostPID", "hostIPC", "initContainers"]) assert.ok(!(field in pod), field);
  for (const port of container.ports ?? []) assert.ok(!("hostPort" in port));
}

/** The Deployments that a component scales. */
const targetsOf = (component: string): readonly string[] =>
  resourcesOf(`components/${component}`).flatMap(({ spec: { scaleTargetRef } }) => scaleTargetRef?.name ?? []);

async function validateAll(name: string, resources: readonly Resource[]): Promise<void> {
  // The schemas of operators' kinds are not in Kubernetes.
  const known = resources.filter(({ apiVersion }) => !/^(keda\.sh|rabbitmq\.com)\//.test(apiVersion));
  if (known.length === 0) return;
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, known.map((resource) => stringify(resource)).join("---\n"));
  await validate(file);
}

test("When the manifests are validated, then Kubernetes' schemas know each field of the base and of each component", {
  skip: skipValidation,
}, async () => {
  await validateAll("base", base);
  for (const name of components) await validateAll(name, resourcesOf(`components/${name}`));
});

async function rendered(component: string): Promise<readonly Resource[]> {
  const overlay = mkdtempSync(join(folder, "overlay_"));
  writeOverlay(overlay, [component]);
  return resourcesIn((await execa("kubectl", ["kustomize", overlay])).stdout);
}

for (const name of components)
  test(`When ${name} is added, then kubectl renders it with the base, and all is valid`, {
    skip: skipRendering || skipValidation,
  }, async () => {
    const resources = await rendered(name);
    for (const { kind, metadata } of [...base, ...resourcesOf(`components/${name}`)])
      find(kind, metadata.name, resources);
    await validateAll(`rendered_${name}`, resources);
    for (const target of targetsOf(name)) assert.equal(find("Deployment", target, resources).spec.replicas, undefined);
    const pods = resources.filter(({ kind }) => kind === "Deployment").map(({ spec }) => spec.template.spec);
    for (const pod of pods) checkRestricted(pod);
  });

test("When a component scales services, then all that the base has, and each once", () => {
  assert.deepEqual(components.flatMap(targetsOf).sort(), ["notifications-service", "orders-service", "user-service"]);
});

test("When KEDA scales notifications_service, then by the queue that it reads, with the operator's secret", () => {
  const resources = resourcesOf("components/queue-scaling");
  const { minReplicaCount, triggers } = find("ScaledObject", "notifications-service", resources).spec;
  assert.equal(minReplicaCount, 2);
  const [{ metadata, authenticationRef }] = Object(triggers);
  const { ORDERS_QUEUE } = readConfig(environments.notifications_service, environmentOf("notifications-service"));
  assert.deepEqual([metadata.protocol, metadata.queueName], ["http", ORDERS_QUEUE]);
  const { secretTargetRef } = find("TriggerAuthentication", authenticationRef.name, resources).spec;
  const secrets = containerOf("notifications-service").env.flatMap(
    ({ valueFrom }) => valueFrom?.secretKeyRef.name ?? [],
  );
  assert.deepEqual([...new Set(secrets)], [Object(secretTargetRef)[0].name]);
});

test("When an operator makes the broker, then three nodes with quorum queues, whose URL the services get", {
  skip: skipRendering,
}, async () => {
  const resources = await rendered("rabbitmq-cluster");
  const { metadata, spec } = find("RabbitmqCluster", "rabbitmq", resources);
  assert.deepEqual([spec.replicas, spec["image"]], [3, composeFile().services["rabbitmq"]?.image]);
  assert.match(Object(spec["rabbitmq"]).additionalConfig, /^default_queue_type = quorum$/m);
  for (const name of ["orders-service", "notifications-service"]) {
    const { env } = find("Deployment", name, resources).spec.template.spec.containers[0];
    const url = env.find((variable) => variable.name === "RABBITMQ_URL")?.valueFrom?.secretKeyRef;
    assert.deepEqual(url, { name: `${metadata.name}-default-user`, key: "connection_string" });
  }
});

test("When servers are there for trying, then they are those of the compose file", () => {
  const servers = resourcesOf("components/servers-for-trying");
  for (const name of ["mongodb", "rabbitmq"]) {
    const { image } = find("Deployment", name, servers).spec.template.spec.containers[0];
    assert.equal(image, composeFile().services[name]?.image);
  }
});

test("When the manifests are read by anybody, then there is no secret in them", () => {
  for (const name of ["", ...components.map((component) => `components/${component}`)])
    for (const { kind, data = {} } of resourcesOf(name)) {
      assert.notEqual(kind, "Secret");
      for (const variable of Object.keys(data)) assert.doesNotMatch(variable, /KEY|PASS|URI|URL/);
    }
});

for (const { name } of services) {
  const object = name.replace("_", "-");
  const environment = environments[name];

  test(`When a pod of ${name} starts, then it gets all variables that it must have, and none it does not read`, () => {
    const planned = environmentOf(object);
    const { PORT, NODE_ENV } = readConfig(environment, planned);
    assert.deepEqual({ PORT, NODE_ENV }, { PORT: servicePorts[name], NODE_ENV: "production" });
    const unread = Object.keys(planned).filter((variable) => !(variable in environment));
    assert.deepEqual(unread, []);
    // Optional for notifications_service, and yet what keeps its replicas from printing an order twice.
    assert.ok("MONGODB_URI" in planned);
    for (const { name: variable, valueFrom } of containerOf(object).env)
      assert.equal(/KEY|URI|URL/.test(variable), valueFrom !== undefined, variable);
  });

  test(`When ${name} starts with exactly the environment of its manifest, then its probes are answered`, async () => {
    const { PORT: _, ...planned } = environmentOf(object);
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(object);
    const child = await ServiceProcess.start(name, planned);
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) await child.answers(httpGet.path);
    const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
    assert.deepEqual(paths, ["/health", "/health", "/ready"]);
  });

  test(`When ${name} is called, then Service, probes and process mean the same port, and the same pods`, () => {
    const { ports, startupProbe, livenessProbe, readinessProbe } = containerOf(object);
    assert.deepEqual(ports, [{ name: "http", containerPort: servicePorts[name] }]);
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) assert.equal(httpGet.port, "http");
    const service = find("Service", object).spec;
    assert.deepEqual(service.ports, [{ name: "http", port: servicePorts[name], targetPort: "http" }]);
    const { selector, template } = find("Deployment", object).spec;
    assert.deepEqual(selector, { matchLabels: service.selector });
    assert.deepEqual({ ...template.metadata.labels, ...Object(service.selector) }, template.metadata.labels);
  });

  test(`When ${name} is pulled, then the image that its Dockerfile describes, in this version`, () => {
    const dockerfile = read(`${name}/Dockerfile`);
    const label = (key: string) => new RegExp(`image\\.${key}="(.+?)"`).exec(dockerfile)?.[1];
    assert.equal(containerOf(object).image, `${label("title")}:${label("version")}`);
    assert.equal(label("title"), name);
  });

  test(`When ${name} is limited in its memory, then as in the compose file, and its heap is half of that`, () => {
    const { requests, limits } = containerOf(object).resources;
    const megabytes = (text = "") => Number(/^(\d+)Mi$/.exec(text)?.[1]);
    const heap = Number(/=(\d+)$/.exec(nodeFlags.find((flag) => flag.startsWith("--max-old-space-size")) ?? "")?.[1]);
    assert.ok(megabytes(limits["memory"]) >= 2 * heap, `${limits["memory"]} is not twice a heap of ${heap} MB`);
    assert.equal(limits["memory"]?.replace("Mi", "m"), composeFile().services[name]?.["mem_limit"]);
    assert.ok(megabytes(requests["memory"]) < megabytes(limits["memory"]));
    // A limit would slow it down where the node has time to spare.
    assert.equal(limits["cpu"], undefined);
    assert.match(requests["cpu"] ?? "", /^\d+m$/);
  });

  test(`When ${name} runs in a pod, then as Pod Security's "restricted" asks, and it can write nothing`, () => {
    const pod = podOf(object);
    checkRestricted(pod);
    assert.equal(pod.containers[0].securityContext["readOnlyRootFilesystem"], true);
    assert.equal(pod["automountServiceAccountToken"], false);
    // USER_SERVICE_PORT and the like are no variables of ours.
    assert.equal(pod["enableServiceLinks"], false);
    assert.equal(pod["volumes"], undefined);
  });

  test(`When pods of ${name} are replaced, then none before the next one is ready, and with time to stop`, () => {
    const { replicas, strategy } = find("Deployment", object).spec;
    assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    assert.equal(replicas, 3);
    const delayMs = Number(environmentOf(object)["SHUTDOWN_DELAY_SECONDS"]) * 1_000;
    assert.ok(delayMs > proxyDelayMs);
    const pauseMs = containerOf(object).lifecycle.preStop.sleep.seconds * 1_000;
    assert.ok(podOf(object).terminationGracePeriodSeconds * 1_000 > pauseMs + delayMs + stopTimeoutMs);
    const budget = find("PodDisruptionBudget", object, resourcesOf("components/disruption"));
    assert.equal(budget.spec["maxUnavailable"], 1);
  });
}

test("When a proxy notices five seconds after SIGTERM that a pod stops, then all that it sends there is answered", async () => {
  const { PORT: _, ...planned } = environmentOf("user-service");
  const child = await ServiceProcess.start("user_service", {
    ...planned,
    RATE_LIMIT_PER_MINUTE: "0",
    // The manifest's is a second longer than the proxy takes, and this machine may be late by more.
    SHUTDOWN_DELAY_SECONDS: "12",
  });
  await child.answers();
  const { url } = await FaultProxy.inFrontOf(child.url);
  const get = (path: string, headers = {}) =>
    fetch(new URL(path, url), { headers: { authorization: `Bearer ${key}`, ...headers } });
  let stopping = true;
  // Some through connections that are kept, some through new ones, which a closed port would refuse.
  const clients = [{}, {}, { connection: "close" }].map(async (headers) => {
    for (let sent = 0; stopping; sent++) assert.equal((await get("/users?limit=1", headers)).status, 200, `${sent}`);
  });
  child.signal("SIGTERM");
  await child.logs("stopping");
  const notices = sleep(proxyDelayMs).then(() => {
    stopping = false;
  });
  assert.equal((await get("/ready")).status, 503);
  const { status, headers } = await get("/health");
  assert.deepEqual([status, headers.get("connection")], [200, "close"]);
  await Promise.all([notices, ...clients]);
  assert.equal((await child.ended).code, 0);
});
