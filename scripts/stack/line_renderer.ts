import { type ListrRenderer, ListrTaskEventType, type ListrTaskObject } from "listr2";

type Task = ListrTaskObject<undefined, typeof LineRenderer, typeof LineRenderer>;

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
    for (const task of this.#tasks)
      task.on(ListrTaskEventType.CLOSED, () => console.log(`${task.hasFailed() ? "✖" : "✔"} ${task.title}`));
  }

  end(): void {}
}
