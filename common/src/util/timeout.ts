export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/** Returns what `work` resolves to, or throws a `TimeoutError` that names `what`; the work goes on all the same. */
export async function withTimeout<T>(work: PromiseLike<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
