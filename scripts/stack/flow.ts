import { color } from "listr2";
import { UserError } from "../runtime/user_error.js";
import { waitUntil } from "../runtime/wait.js";
import { type Answer, type Call, curl } from "./curl.js";
import { isReady, replicasOf } from "./services.js";
import { portOf, setting } from "./settings.js";

const local = (service: "USERS" | "ORDERS"): string => `http://localhost:${portOf(`${service}_PORT`)}`;

/** Functions: what throws while modules are still loading is shown with its stack. */
function urlOf(service: "USERS" | "ORDERS"): string {
  const url = setting(`${service}_URL`) ?? local(service);
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new UserError(`${service}_URL must be a URL such as ${local(service)}, and is "${url}"`);
  return url.replace(/\/+$/, "");
}
export const users = () => urlOf("USERS");
export const orders = () => urlOf("ORDERS");

/** Whether the services are not those of `make up`: their output can't be read then. */
export const isRemote = (): boolean => users() !== local("USERS") || orders() !== local("ORDERS");

const patienceMs = 10_000;
const firstKey = setting("API_KEY")?.split(",")[0]?.trim();
/** The API's key, if there is one. */
export const apiKey = firstKey === "none" ? undefined : firstKey;

/** Makes a call, shows it, and checks its status. Throws a `UserError` if it is another one. */
export async function expectStatus(status: number, what: string, call: Call): Promise<Answer> {
  console.log();
  const answer = await curl(call, apiKey);
  check(answer.status === status, `${what} (${status})`, `The response was ${answer.status}. ${whereToLook(call.url)}`);
  return answer;
}

/** Prints a tick or a cross; throws a `UserError` that says where to look for a cross. */
export function check(ok: boolean, what: string, where: string): void {
  console.log(ok ? color.green(`✔ ${what}`) : color.red(`✖ ${what}`));
  if (!ok) throw new UserError(`Failed: ${what}\n  ${where}`);
}

/** Like `check`, for what takes its time. */
export async function checkSoon(condition: () => Promise<boolean>, what: string, where: string): Promise<void> {
  const soon = waitUntil(condition, { what, deadlineMs: patienceMs });
  const ok = await soon.then(
    () => true,
    (error) => {
      if (error instanceof UserError) return false;
      throw error;
    },
  );
  check(ok, what, where);
}

/** The field of a JSON object as text; empty if there is none. */
export function textOf(body: unknown, field: string): string {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, field) : undefined;
  return typeof value === "string" ? value : "";
}

/** Throws a `UserError` if the services of `make up` don't answer. */
export async function checkUp(): Promise<void> {
  if (isRemote()) return;
  for (const replica of replicasOf(1).filter(({ service }) => service.short !== "notifications"))
    if (!(await isReady(replica)))
      throw new UserError(`${replica.name} is not ready. See make ps; start all with make up`);
}

function whereToLook(url: string): string {
  if (isRemote()) return `Look at the log of the service at ${new URL(url).origin}.`;
  return `Look at: make logs s=${url.startsWith(users()) ? "users" : "orders"}`;
}
