import { execa } from "execa";
import { isDockerAvailable } from "./runtime/docker.js";
import { root } from "./runtime/paths.js";
import { main } from "./stack/main.js";
import { runSteps } from "./stack/steps.js";

async function buildImages(tell: (doing: string) => void): Promise<string> {
  const child = execa("docker", ["compose", "--progress", "plain", "build"], { cwd: root, all: true, stdin: "ignore" });
  for await (const line of child.iterable({ from: "all" })) tell(line);
  await child;
  return "Images are built";
}

await main(async () => {
  if (await isDockerAvailable()) await runSteps({ title: "docker compose build", run: buildImages });
  else console.log("No Docker engine responds, so no images were built.");
});
