/** Thrown by `within` when the time is up. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

/**
 * Returns what `work` resolves to, or throws a `DeadlineError` after `ms` milliseconds. The work itself is not
 * stopped: what it does later goes unseen, so it must be safe to repeat.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
