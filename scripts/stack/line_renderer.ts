import { type ListrRenderer, ListrTaskEventType, type ListrTaskObject, ListrTaskState } from "listr2";

type Task = ListrTaskObject<undefined, typeof LineRenderer, typeof LineRenderer>;

/** How long it took, as both renderers show it. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Where no terminal is: one line a step, when it has ended. */
export class LineRenderer implements ListrRenderer {
  static nonTTY = true;
  static rendererOptions: never;
  static rendererTaskOptions: never;
  readonly #tasks: readonly Task[];

  constructor(tasks: Task[]) {
    this.#tasks = tasks;
  }

  render(): void {
    for (const task of this.#tasks) {
      let start = performance.now();
      task.on(ListrTaskEventType.STATE, (state) => {
        if (state === ListrTaskState.STARTED) start = performance.now();
      });
      task.on(ListrTaskEventType.CLOSED, () => {
        const time = seconds(performance.now() - start);
        console.log(`${task.hasFailed() ? "✖" : "✔"} ${task.title} (${time})`);
      });
    }
  }

  end(): void {}
}
