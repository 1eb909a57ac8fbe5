import { engineAnswers } from "../runtime/docker.js";
import { Failure } from "../runtime/failure.js";
import { readRecord, type StackRecord } from "./record.js";
import { setting } from "./settings.js";

/** What is up already, else the variable `runtime`, else Docker if an engine answers. */
export async function chooseRuntime(): Promise<StackRecord["runtime"]> {
  const [asked, up] = [setting("runtime"), readRecord()?.runtime];
  if (asked !== undefined && asked !== "docker" && asked !== "embedded")
    throw new Failure(`runtime must be docker or embedded, and is "${asked}"`);
  if (up && asked && up !== asked) throw new Failure(`The system is up with runtime=${up}: run make down first`);
  if (asked === "docker" && !(await engineAnswers()))
    throw new Failure("runtime=docker is set, and no Docker engine answers: start it, or leave runtime out");
  return up ?? asked ?? ((await engineAnswers()) ? "docker" : "embedded");
}

/** What is up; throws a `Failure` if nothing is. */
export function upRecord(): StackRecord {
  const record = readRecord();
  if (record === undefined) throw new Failure("Nothing is up. Start it with: make up");
  return record;
}
