/**
 * Writes `text` to standard output. Resolves when the system has taken it all, however slow the reader is; rejects
 * if the reader is gone (EPIPE).
 */
export function writeToStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
