import { Listr, ListrLogger } from "listr2";
import type { ServerHandle } from "../runtime/handle.js";
import { describe, UserError } from "../runtime/user_error.js";
import { LineRenderer } from "./line_renderer.js";
import { whenStopped } from "./main.js";
import type { Replica } from "./services.js";

export interface Step {
  readonly title: string;
  /** Reports its current action through `tell`; returns the title to show when done. */
  readonly run: (tell: (doing: string) => void) => Promise<string | undefined>;
}

/** Runs steps in parallel and shows each with its time. Waits for all, then throws their errors as one. */
export async function runSteps(...steps: readonly Step[]): Promise<void> {
  const errors: unknown[] = [];
  const running = new Set<{ output: string | undefined }>();
  whenStopped.addEventListener("abort", () => {
    for (const task of running) task.output = "stopping";
  });
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: undefined, task: { title?: string | undefined; output: string | undefined }) => {
      const start = performance.now();
      running.add(task);
      try {
        const tell = (doing: string) => {
          task.output = doing;
        };
        const done = (await run(tell)) ?? title;
        task.title = `${done} (${((performance.now() - start) / 1000).toFixed(1)} s)`;
      } catch (error) {
        errors.push(error);
        throw error;
      } finally {
        running.delete(task);
      }
    },
  }));
  const logger = new ListrLogger({ useIcons: true, toStderr: [] });
  // Until the list ends it hides the cursor and holds back what is printed. A stopped command exits before that.
  const release = () => process.stdout.isTTY && logger.process.release();
  process.once("exit", release);
  await new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    fallbackRenderer: LineRenderer,
    rendererOptions: { logger, showErrorMessage: false, collapseSubtasks: false },
    registerSignalListeners: false,
  }).run();
  process.off("exit", release);
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
