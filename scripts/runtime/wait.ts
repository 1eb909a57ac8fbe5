import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "./user_error.js";

const pauseMs = 50;

interface Wait {
  /** For the message: "Timed out after 5 s waiting until RabbitMQ is ready". */
  readonly what: string;
  readonly deadlineMs: number;
  /** What the error shows below its message. */
  readonly log?: () => string | Promise<string>;
}

/** Asks `condition` again and again until it is true; throws a `UserError` when the deadline has passed. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, wait: Wait): Promise<void> {
  const end = performance.now() + wait.deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new UserError(`Timed out after ${wait.deadlineMs / 1000} s waiting until ${wait.what}`, await wait.log?.());
    await sleep(pauseMs);
  }
}
