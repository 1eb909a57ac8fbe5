/** Runs `work` for 0 to `count` - 1, at most `atOnce` at a time. */
export async function eachAtOnce(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  const indexes = Array(count).keys();
  const worker = async () => {
    for (const index of indexes) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
