import { execa } from "execa";
import { isDockerAvailable } from "../runtime/docker.js";
import { isUsablePython } from "../runtime/python_tool.js";
import { type Check, fine, missing, note } from "./check.js";

/** The programs that the make targets call, and what they say of their versions. */
export async function toolChecks(): Promise<readonly Check[]> {
  const [npm, make, git, curl] = await Promise.all(["npm", "make", "git", "curl"].map(versionOf));
  return [
    fine(`Node ${process.versions.node}, npm ${npm}, make ${make}, ${git ? `git ${git}` : "no git (not needed)"}`),
    curl ? fine(`curl ${curl}`) : missing("curl is not installed; make test-flow needs it", "Install the package curl"),
    await pythonCheck(),
    await dockerCheck(),
  ];
}

async function pythonCheck(): Promise<Check> {
  const version = await versionOf("python3");
  if (version === undefined) return note("Python is not installed; it is needed without Docker and without MongoDB");
  if (await isUsablePython("python3")) return fine(`Python ${version} with venv`);
  return note(
    `Python ${version}: older than 3.10, or without venv`,
    "Debian, Ubuntu: sudo apt-get install python3-venv",
  );
}

async function dockerCheck(): Promise<Check> {
  const version = await versionOf("docker");
  if (version === undefined) return note("Docker is not installed, and not needed");
  if (await isDockerAvailable()) return fine(`Docker ${version}, and its engine responds`);
  return note(
    `Docker ${version}, but no engine with docker compose responds`,
    "To use containers, start the engine; docker info says what is wrong",
  );
}

/** The first thing like a version in what the program prints; undefined if there is no such program. */
async function versionOf(program: string): Promise<string | undefined> {
  const { stdout, failed } = await execa(program, ["--version"], { reject: false, timeout: 10_000 });
  return failed ? undefined : (/\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.split("\n")[0]);
}
