import { withTimeout } from "../util/timeout.js";

const deadlineMs = 2_500;

/**
 * Returns a function that takes items one by one and hands them to `call` together: one call at a time, with all that
 * came while the last was under way. It returns what the call with its item returns, and throws what that throws, or a
 * `TimeoutError` after 2.5 s: the calls behind one that never ends would not begin.
 */
export function gather<Item, Result>(
  call: (items: readonly Item[]) => Promise<Result>,
): (item: Item) => Promise<Result> {
  let waiting: Item[] = [];
  let next: Promise<Result> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const callWaiting = () => {
    const items = waiting;
    waiting = [];
    next = undefined;
    return withTimeout(call(items), deadlineMs, "the database");
  };
  return (item) => {
    waiting.push(item);
    if (!next) {
      next = last.then(callWaiting);
      last = next.catch(() => {});
    }
    return next;
  };
}
