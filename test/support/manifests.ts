import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../../scripts/runtime/paths.js";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly Variable[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
}

export interface PodSpec {
  readonly containers: readonly [Container];
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas?: number;
    readonly strategy?: unknown;
    readonly scaleTargetRef?: { readonly name: string };
    readonly selector: unknown;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
    readonly [field: string]: unknown;
  };
}

const kubernetesFolder = join(root, "deploy/kubernetes");
export const components = readdirSync(join(kubernetesFolder, "components"));

/** The resources in the text of a manifest; those of a list one by one. */
export const resourcesIn = (yaml: string): readonly Resource[] =>
  parseAllDocuments(yaml, { merge: true })
    .map((document) => document.toJS())
    .flatMap((resource) => (resource.kind === "List" ? resource.items : resource));

/** What a kustomization lists, without its patches: plain YAML, for which no program is needed. */
export function resourcesOf(folder: string): readonly Resource[] {
  const read = (file: string) => readFileSync(join(kubernetesFolder, folder, file), "utf8");
  const { resources }: { resources: readonly string[] } = parse(read("kustomization.yaml"));
  return resources.flatMap((file) => resourcesIn(read(file)));
}
