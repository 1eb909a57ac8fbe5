import { join } from "node:path";
import { execa } from "execa";
import { installPythonTool, type PythonTool } from "../runtime/python_tool.js";

export const kubernetesValidate: PythonTool = {
  title: "kubernetes-validate",
  version: "1.37.0",
  requirements: "scripts/kubernetes/kubernetes_validate_requirements.txt",
};

/** Checks a file of manifests against Kubernetes' own schemas; throws with what is wrong, an unknown field too. */
export async function validate(file: string): Promise<void> {
  const program = join(await installPythonTool(kubernetesValidate), "kubernetes-validate");
  await execa(program, ["--strict", "--no-warn", file], { all: true });
}
