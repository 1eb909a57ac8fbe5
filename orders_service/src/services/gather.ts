/**
 * Returns a function that takes items one by one and hands them to `write` together: one call at a time, with all
 * that came while the last was under way. Its promise settles as the call with that item does.
 */
export function gather<T>(write: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let waiting: T[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  const writeWaiting = () => {
    const items = waiting;
    waiting = [];
    next = undefined;
    return write(items);
  };
  return (item) => {
    waiting.push(item);
    if (!next) {
      next = last.then(writeWaiting);
      last = next.catch(() => {});
    }
    return next;
  };
}
