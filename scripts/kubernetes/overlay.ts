import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { root } from "../runtime/paths.js";

/** Writes what an operator would: the base with components, and with whatever else a kustomization may say. */
export function writeOverlay(folder: string, components: readonly string[], fields: object = {}): void {
  const from = (path: string) => relative(folder, join(root, "deploy/kubernetes", path));
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [from("")],
    components: components.map((name) => from(`components/${name}`)),
    ...fields,
  };
  writeFileSync(join(folder, "kustomization.yaml"), stringify(kustomization));
}
