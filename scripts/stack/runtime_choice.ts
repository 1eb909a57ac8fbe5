import { engineAnswers } from "../runtime/docker.js";
import { Failure } from "../runtime/failure.js";
import { runningContainers } from "./compose.js";
import { readRecord, type StackRecord } from "./record.js";
import { mostReplicas } from "./services.js";
import { setting, wholeNumber } from "./settings.js";

/** What is up already, else the variable `runtime`, else Docker if an engine answers. */
export async function chooseRuntime(): Promise<StackRecord["runtime"]> {
  const [asked, up] = [setting("runtime"), (await whatIsUp())?.runtime];
  if (asked !== undefined && asked !== "docker" && asked !== "embedded")
    throw new Failure(`runtime must be docker or embedded, and is "${asked}"`);
  if (up && asked && up !== asked) throw new Failure(`The system is up with runtime=${up}: run make down first`);
  if (asked === "docker" && !(await engineAnswers()))
    throw new Failure(
      "runtime=docker is set, and no Docker engine with docker compose answers: start it, or leave runtime out",
    );
  return up ?? asked ?? ((await engineAnswers()) ? "docker" : "embedded");
}

/** What the variable `replicas` says, else as many as are up already, else one. */
export function chooseReplicas(): number {
  const count = wholeNumber("replicas", readRecord()?.replicas ?? 1);
  if (count < 1 || count > mostReplicas) throw new Failure(`replicas must be 1 to ${mostReplicas}, and is ${count}`);
  return count;
}

/** Also sees containers that were started with docker compose by hand. Undefined when nothing is up. */
export async function whatIsUp(): Promise<StackRecord | undefined> {
  const record = readRecord();
  if (record !== undefined || !(await engineAnswers())) return record;
  return (await runningContainers()).length > 0 ? { runtime: "docker", replicas: 1 } : undefined;
}

/** What is up; throws a `Failure` if nothing is. */
export async function upRecord(): Promise<StackRecord> {
  const record = await whatIsUp();
  if (record === undefined) throw new Failure("Nothing is up. Start it with: make up");
  return record;
}
