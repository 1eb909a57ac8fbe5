import { Listr, PRESET_TIMER } from "listr2";
import type { ServerHandle } from "../runtime/handle.js";
import { describe, UserError } from "../runtime/user_error.js";
import { LineRenderer, seconds } from "./line_renderer.js";
import type { Replica } from "./services.js";

export interface Step {
  readonly title: string;
  /** Reports its current action through `tell`; returns the title to show when done. */
  readonly run: (tell: (doing: string) => void) => Promise<string | undefined>;
}

/** Runs steps in parallel and shows each with its time. Waits for all, then throws their errors as one. */
export async function runSteps(...steps: readonly Step[]): Promise<void> {
  const errors: unknown[] = [];
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: undefined, task: { title?: string | undefined; output: string | undefined }) => {
      try {
        task.title =
          (await run((doing) => {
            task.output = doing;
          })) ?? title;
      } catch (error) {
        errors.push(error);
        throw error;
      }
    },
  }));
  const timer = { ...PRESET_TIMER, field: seconds };
  const rendererOptions = { timer, showErrorMessage: false, collapseSubtasks: false };
  await new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    fallbackRenderer: LineRenderer,
    rendererOptions,
    registerSignalListeners: false,
  }).run();
  if (errors.length > 1) throw new UserError(errors.map(describe).join("\n✖ "));
  if (errors.length > 0) throw errors[0];
}

/** Finds and starts a server. It is in `servers`, by its title, before it starts. */
export const serverStep = (
  title: string,
  find: () => Promise<ServerHandle>,
  servers: Map<string, ServerHandle>,
  prefix = "",
): Step => ({
  title,
  run: async (tell) => {
    tell("finding or installing it");
    const server = await find();
    servers.set(title, server);
    tell(`${server.kind} starts`);
    await server.start();
    return prefix + server.kind;
  },
});

/** Waits for each replica by `ready`. */
export const runReplicaSteps = (
  replicas: readonly Replica[],
  ready: (replica: Replica) => Promise<void>,
): Promise<void> => {
  const step = (replica: Replica): Step => ({
    title: replica.name,
    run: async () => {
      await ready(replica);
      return `${replica.name} is ready on port ${replica.port}`;
    },
  });
  return runSteps(...replicas.map(step));
};
