import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { writeOverlay } from "./kubernetes/overlay.js";
import { freePort } from "./runtime/free_port.js";
import { root } from "./runtime/paths.js";
import { onPath } from "./runtime/programs.js";
import { testFolder } from "./runtime/run_folder.js";
import { UserError } from "./runtime/user_error.js";
import { waitUntil } from "./runtime/wait.js";
import { main } from "./stack/main.js";
import { runSteps } from "./stack/steps.js";
import { removeAbandonedRuns, removeRun } from "./stack/test_run.js";

const folder = testFolder("kubernetes");
const namespace = "order-flow-test";
const deployments = ["user-service", "orders-service", "notifications-service"];
const replicas = 3;
/** So many are left while a node is drained. */
const minReady = 2;
/** Set where pods run the images in earnest: without them a pod is never ready, and so neither is a rollout. */
const realPods = process.env["REAL_PODS"] === "1";
/** Components with kinds that an operator brings, and the definition that shows that the cluster has them. */
const operators = { "queue-scaling": "scaledobjects.keda.sh", "rabbitmq-cluster": "rabbitmqclusters.rabbitmq.com" };
const components = ["disruption", "autoscaling", "network-policies", ...(realPods ? ["servers-for-trying"] : [])];

const apiKey = randomUUID();

let begun = false;
const cordoned = new Set<string>();

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa("kubectl", ["--namespace", namespace, ...args]);
  return stdout;
}

/** Applies what `source` names, and fails on a warning too: Pod Security's stand on standard error. */
async function apply(...source: readonly string[]): Promise<void> {
  const options = ["apply", "--namespace", namespace, "--validate=strict", ...source];
  const { stderr } = await execa("kubectl", options);
  if (stderr !== "") throw new UserError(`kubectl apply warned: ${stderr}`);
}

async function testKubernetes(): Promise<void> {
  if ((await onPath("kubectl")) === undefined) throw new UserError("make test-kubernetes needs kubectl, and a cluster");
  if ((await execa("kubectl", ["get", "nodes"], { reject: false })).failed)
    throw new UserError("make test-kubernetes needs a cluster, and kubectl reaches none: kubectl get nodes tells why");
  begun = true;
  await removeAbandonedRuns();
  await removeNamespace();
  mkdirSync(folder, { recursive: true });
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["A namespace under Pod Security's restricted, and the operator's secrets", prepare],
    ["The manifests are applied without a warning", () => applyImages(process.env["IMAGE_TAG"] ?? "0.1.0")],
    ["All pods are ready", rollout],
    ...(realPods ? ([["An order goes through", flow]] as const) : []),
    ["Custom resources are accepted", operatorKinds],
    ["Invalid manifests are rejected", refusals],
    ["Each node is drained, and two of three pods of each service stay ready", drains],
    ["A new image is rolled out, and never too few pods are ready", newImage],
  ];
  for (const [title, run] of steps)
    await runSteps({
      title,
      run: async () => {
        const done = await run();
        return typeof done === "string" ? done : undefined;
      },
    });
  await cleanup();
  console.log(
    `\n✔ ${realPods ? "Passed, with the images" : "Passed with simulated pods; REAL_PODS=1 runs the images too"}`,
  );
}

async function prepare(): Promise<void> {
  await kubectl("create", "namespace", namespace);
  const levels = ["enforce", "warn"].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl("label", "namespace", namespace, ...levels);
  const password = randomUUID();
  await createSecret("order-flow", {
    API_KEY: apiKey,
    MONGODB_URI: `mongodb://order_flow:${password}@mongodb:27017/?authSource=admin`,
    RABBITMQ_URL: `amqp://order_flow:${password}@rabbitmq:5672`,
  });
  await createSecret("order-flow-servers", {
    MONGO_INITDB_ROOT_USERNAME: "order_flow",
    MONGO_INITDB_ROOT_PASSWORD: password,
    RABBITMQ_DEFAULT_USER: "order_flow",
    RABBITMQ_DEFAULT_PASS: password,
  });
}

async function createSecret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
  const literals = Object.entries(values).map(([variable, value]) => `--from-literal=${variable}=${value}`);
  await kubectl("create", "secret", "generic", name, ...literals);
}

async function applyImages(newTag: string): Promise<void> {
  const images = deployments.map((name) => ({ name: name.replace("-", "_"), newTag }));
  writeOverlay(folder, components, { images });
  await apply("--dry-run=server", "-f", join(root, "deploy/kubernetes/base"));
  await apply("-k", folder);
}

async function rollout(): Promise<void> {
  // Without a count in the manifest there is one pod until the autoscaler has looked.
  await waitFor("all pods are ready", async () => (await readyPods()).every((ready) => ready >= replicas));
  for (const name of deployments) await kubectl("rollout", "status", `deployment/${name}`, "--timeout=180s");
}

async function readyPods(): Promise<readonly number[]> {
  const path = "jsonpath={range .items[*]}{.status.readyReplicas}{','}{end}";
  const counts = await kubectl("get", "deployments", ...deployments, `--output=${path}`);
  return counts.split(",").slice(0, deployments.length).map(Number);
}

const waitFor = (what: string, condition: () => Promise<boolean>): Promise<void> =>
  waitUntil(condition, { what, deadlineMs: 240_000, log: () => kubectl("get", "all") });

/** Looks at how many pods are ready for as long as `work` goes on, and fails when they are fewer than `min`. */
async function neverFewerThan(min: number, work: Promise<unknown>): Promise<void> {
  let working = true;
  const done = work.finally(() => {
    working = false;
  });
  const watch = async () => {
    while (working) {
      const ready = await readyPods();
      if (ready.some((count) => count < min)) throw new UserError(`${ready} pods were ready, ${min} are wanted`);
      await sleep(100);
    }
  };
  await Promise.all([done, watch()]);
}

/** `make test-flow`, through ports of this machine that lead to the two services. */
async function flow(): Promise<void> {
  const [users, orders] = [await freePort(), await freePort()];
  const forwards = [
    execa("kubectl", ["--namespace", namespace, "port-forward", "service/user-service", `${users}:3001`]),
    execa("kubectl", ["--namespace", namespace, "port-forward", "service/orders-service", `${orders}:3002`]),
  ];
  for (const forward of forwards) forward.catch(() => {});
  try {
    await Promise.all(forwards.map(({ stdout }) => once(stdout, "data")));
    const env = { USERS_URL: `http://127.0.0.1:${users}`, ORDERS_URL: `http://127.0.0.1:${orders}`, API_KEY: apiKey };
    await execa(process.execPath, [join(root, "build/scripts/test_flow.js")], { env, all: true });
    await waitFor("an order is printed", async () => /^New order received: /m.test(await printed()));
  } finally {
    for (const forward of forwards) forward.kill();
  }
}

const printed = () => kubectl("logs", "--selector=app.kubernetes.io/name=notifications-service", "--tail=-1");

async function drains(): Promise<void> {
  // Looking now and then at how many are ready would miss pods that are replaced in an instant.
  const budgets = ["get", "poddisruptionbudgets", "--output=jsonpath={.items[*].status.desiredHealthy}"];
  const wanted = deployments.map(() => minReady).join(" ");
  await waitFor("a budget keeps two pods of each service", async () => (await kubectl(...budgets)) === wanted);
  const workers = ["--selector=!node-role.kubernetes.io/control-plane", "--field-selector=spec.unschedulable=false"];
  const names = await kubectl("get", "nodes", ...workers, "--output=jsonpath={.items[*].metadata.name}");
  const nodes = names.split(" ").filter(Boolean);
  if (nodes.length < 2) throw new UserError("This needs at least two worker nodes that take pods");
  for (const node of nodes) {
    cordoned.add(node);
    const options = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s"];
    const selector = "--pod-selector=app.kubernetes.io/part-of=order-flow";
    await neverFewerThan(minReady, kubectl("drain", node, ...options, selector));
    await kubectl("uncordon", node);
    cordoned.delete(node);
    await rollout();
  }
}

async function newImage(): Promise<void> {
  const replaced = applyImages(process.env["NEXT_IMAGE_TAG"] ?? "0.1.1").then(async () => {
    for (const name of deployments) await kubectl("rollout", "status", `deployment/${name}`, "--timeout=240s");
  });
  await neverFewerThan(replicas, replaced);
}

/** A dry run: nobody would act on them here. */
async function operatorKinds(): Promise<string> {
  const results: string[] = [];
  for (const [component, definition] of Object.entries(operators)) {
    const { failed } = await execa("kubectl", ["get", "customresourcedefinition", definition], { reject: false });
    results.push(`${component} ${failed ? `not tried: the cluster has no ${definition}` : "is accepted"}`);
    if (failed) continue;
    const overlay = join(folder, component);
    mkdirSync(overlay);
    writeOverlay(overlay, [component]);
    await apply("--dry-run=server", "-k", overlay);
  }
  return `Custom resources: ${results.join("; ")}`;
}

/** Field by field what a mistake in a manifest would be, with what the API server must say of it. */
async function refusals(): Promise<void> {
  const rendered = (await execa("kubectl", ["kustomize", folder])).stdout;
  const mistakes = [
    ["readinessProbe:", "readynessProbe:", /unknown field/],
    ["containerPort: 3001", "containerPort: 70000", /must be between 1 and 65535|less than or equal to 65535/],
    ["memory: 512Mi", "memory: 512Megabytes", /quantities must match|unable to parse quantity/i],
  ] as const;
  for (const [right, wrong, reason] of mistakes) {
    const options = ["apply", "--namespace", namespace, "--dry-run=server", "--validate=strict", "-f", "-"];
    const { all } = await execa("kubectl", options, {
      input: rendered.replaceAll(right, wrong),
      all: true,
      reject: false,
    });
    if (!rendered.includes(right) || !reason.test(all)) throw new UserError(`${wrong} was not refused: ${all}`);
  }
  // Of a Deployment Pod Security only warns: its pods are what it refuses.
  const rootPod = ["run", "root", "--namespace", namespace, "--image=user_service:0.1.0", "--dry-run=server"];
  const { failed, stderr } = await execa("kubectl", rootPod, { reject: false });
  if (!failed || !/violates PodSecurity "restricted/.test(stderr))
    throw new UserError(`A root pod was let in: ${stderr}`);
}

async function removeNamespace(): Promise<void> {
  await execa("kubectl", ["delete", "namespace", namespace, "--ignore-not-found", "--timeout=180s"]);
}

async function cleanup(): Promise<void> {
  if (!begun) return;
  for (const node of cordoned) await kubectl("uncordon", node);
  await removeNamespace();
  await removeRun(folder);
}

await main(testKubernetes, { cleanup });
