import { isDockerAvailable } from "../runtime/docker.js";
import { UserError } from "../runtime/user_error.js";
import { runningContainers } from "./compose.js";
import { readRecord, type StackRecord } from "./record.js";
import { maxReplicas } from "./services.js";
import { setting, wholeNumber } from "./settings.js";

/** What is up already, else the variable `runtime`, else Docker if an engine answers. */
export async function chooseRuntime(): Promise<StackRecord["runtime"]> {
  const [asked, up] = [setting("runtime"), (await whatIsUp())?.runtime];
  if (asked !== undefined && asked !== "docker" && asked !== "embedded")
    throw new UserError(`runtime must be docker or embedded, and is "${asked}"`);
  if (up && asked && up !== asked) throw new UserError(`The system is up with runtime=${up}: run make down first`);
  if (asked === "docker" && !(await isDockerAvailable()))
    throw new UserError(
      "runtime=docker is set, and no Docker engine with docker compose responds: start it, or leave runtime out",
    );
  return up ?? asked ?? ((await isDockerAvailable()) ? "docker" : "embedded");
}

/** What the variable `replicas` says, else as many as are up already, else one. */
export const chooseReplicas = (): number => wholeNumber("replicas", readRecord()?.replicas ?? 1, 1, maxReplicas);

/** Also sees containers that were started with docker compose by hand. Undefined when nothing is up. */
export async function whatIsUp(): Promise<StackRecord | undefined> {
  const record = readRecord();
  if (record !== undefined || !(await isDockerAvailable())) return record;
  return (await runningContainers()).length > 0 ? { runtime: "docker", replicas: 1 } : undefined;
}

/** What is up; throws a `UserError` if nothing is. */
export async function upRecord(): Promise<StackRecord> {
  const record = await whatIsUp();
  if (record === undefined) throw new UserError("Nothing is running. Start it with: make up");
  return record;
}
