import { after } from "node:test";

const tasks: (() => Promise<unknown>)[] = [];

/** Has `task` run when all tests of this file are over, also where one failed; what was begun last is ended first. */
export function afterAll(task: () => Promise<unknown>): void {
  tasks.push(task);
}

// Here and not where a test asks for it: a hook that is registered while a test runs belongs to that test.
after(async () => {
  for (const task of tasks.reverse()) await task();
});
