import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { writeOverlay } from "./kubernetes/overlay.js";
import { Failure } from "./runtime/failure.js";
import { onPath } from "./runtime/programs.js";
import { main } from "./stack/main.js";
import { runSteps } from "./stack/steps.js";
import { removeAbandonedRuns, removeRun, runFolder } from "./stack/test_run.js";

const namespace = "order-flow-test";
const deployments = ["user-service", "orders-service", "notifications-service"];
const replicas = 3;
/** Set where pods run the images in earnest: without them a pod is never ready, and so neither is a rollout. */
const realPods = process.env["REAL_PODS"] === "1";
const components = ["disruption", "autoscaling", "network-policies", ...(realPods ? ["servers-for-trying"] : [])];

let begun = false;
const cordoned = new Set<string>();

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa("kubectl", ["--namespace", namespace, ...args]);
  return stdout;
}

/** Applies manifests, and fails on a warning too: Pod Security's stand on standard error. */
async function apply(option: "-k" | "-f", source: string, input?: string): Promise<void> {
  const options = ["apply", "--namespace", namespace, "--validate=strict", option, source];
  const { stderr } = await execa("kubectl", options, input === undefined ? {} : { input });
  if (stderr !== "") throw new Failure(`kubectl apply warned: ${stderr}`);
}

async function testKubernetes(): Promise<void> {
  if ((await onPath("kubectl")) === undefined) throw new Failure("make test-kubernetes needs kubectl, and a cluster");
  if ((await execa("kubectl", ["get", "nodes"], { reject: false })).failed)
    throw new Failure("make test-kubernetes needs a cluster, and kubectl reaches none: kubectl get nodes tells why");
  begun = true;
  await removeAbandonedRuns();
  await removeNamespace();
  mkdirSync(runFolder, { recursive: true });
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    ["A namespace under Pod Security's restricted, and the operator's secrets", prepare],
    ["The manifests are applied without a warning", () => applyImages(process.env["IMAGE_TAG"] ?? "0.1.0")],
    ["All pods are ready", rollout],
    ["A manifest made bad is refused", refusals],
    ["Each node is drained, and two of three pods of each service are left", drains],
    ["A new image, and never fewer ready than wanted", newImage],
  ];
  for (const [title, run] of steps)
    await runSteps({
      title,
      run: async () => {
        await run();
        return undefined;
      },
    });
  await undo();
  console.log(`\n✔ ${realPods ? "With the pods' own images" : "Pods were not asked for what they alone can answer"}`);
}

async function prepare(): Promise<void> {
  await kubectl("create", "namespace", namespace);
  const levels = ["enforce", "warn"].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl("label", "namespace", namespace, ...levels);
  const password = crypto.randomUUID();
  await createSecret("order-flow", {
    API_KEY: process.env["API_KEY"] ?? crypto.randomUUID(),
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
  writeOverlay(runFolder, components, { images });
  await apply("-k", runFolder);
}

async function rollout(): Promise<void> {
  // Without a count in the manifest there is one pod until the autoscaler has looked.
  await waitUntil(async () => (await readyPods()).every((ready) => ready >= replicas));
  for (const name of deployments) await kubectl("rollout", "status", `deployment/${name}`, "--timeout=180s");
}

const readyPods = (): Promise<readonly number[]> =>
  Promise.all(
    deployments.map(async (name) =>
      Number(await kubectl("get", "deployment", name, "--output=jsonpath={.status.readyReplicas}")),
    ),
  );

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 240_000;
  while (!(await condition())) {
    if (performance.now() > until) throw new Failure("The cluster did not get there", await kubectl("get", "all"));
    await sleep(500);
  }
}

/** Looks at how many pods are ready for as long as `work` goes on, and fails when they are fewer than `min`. */
async function neverFewerThan(min: number, work: Promise<unknown>): Promise<void> {
  let working = true;
  const done = work.finally(() => {
    working = false;
  });
  const watch = async () => {
    while (working) {
      const ready = await readyPods();
      if (ready.some((count) => count < min)) throw new Failure(`${ready} pods were ready, ${min} are wanted`);
      await sleep(100);
    }
  };
  await Promise.all([done, watch()]);
}

async function drains(): Promise<void> {
  const nodes = (await kubectl("get", "nodes", "--selector=!node-role.kubernetes.io/control-plane", "--output=name"))
    .split("\n")
    .map((node) => node.replace("node/", ""));
  for (const node of nodes) {
    cordoned.add(node);
    const options = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s"];
    const selector = `--pod-selector=app.kubernetes.io/part-of=order-flow`;
    await neverFewerThan(2, kubectl("drain", node, ...options, selector));
    await kubectl("uncordon", node);
    cordoned.delete(node);
    await rollout();
  }
}

async function newImage(): Promise<void> {
  const before = await kubectl("get", "pods", "--output=name");
  await neverFewerThan(
    replicas,
    applyImages(process.env["NEXT_IMAGE_TAG"] ?? "0.1.1").then(async () => {
      for (const name of deployments) await kubectl("rollout", "status", `deployment/${name}`, "--timeout=240s");
    }),
  );
  const pods = (await kubectl("get", "pods", "--output=name")).split("\n");
  if (pods.filter((pod) => /-service-/.test(pod)).some((pod) => before.split("\n").includes(pod)))
    await waitUntil(async () =>
      before
        .split("\n")
        .filter((pod) => /-service-/.test(pod))
        .every((pod) => !pods.includes(pod)),
    );
}

/** Field by field what a mistake in a manifest would be, with what the API server must say of it. */
async function refusals(): Promise<void> {
  const rendered = (await execa("kubectl", ["kustomize", runFolder])).stdout;
  const mistakes = [
    ["readinessProbe:", "readynessProbe:", /unknown field/],
    ["containerPort: 3001", "containerPort: 70000", /must be between 1 and 65535|less than or equal to 65535/],
    ["memory: 512Mi", "memory: 512Megabytes", /quantities must match|unable to parse quantity/i],
    ["runAsNonRoot: true", "runAsNonRoot: false", /violate PodSecurity/],
  ] as const;
  for (const [right, wrong, reason] of mistakes) {
    const options = ["apply", "--namespace", namespace, "--dry-run=server", "--validate=strict", "-f", "-"];
    const { all } = await execa("kubectl", options, {
      input: rendered.replaceAll(right, wrong),
      all: true,
      reject: false,
    });
    if (!rendered.includes(right) || !reason.test(all)) throw new Failure(`${wrong} was not refused: ${all}`);
  }
}

async function removeNamespace(): Promise<void> {
  await execa("kubectl", ["delete", "namespace", namespace, "--ignore-not-found", "--timeout=180s"]);
}

async function undo(): Promise<void> {
  if (!begun) return;
  for (const node of cordoned) await kubectl("uncordon", node);
  await removeNamespace();
  await removeRun(runFolder);
}

await main(testKubernetes, undo);
