import { setTimeout as sleep } from "node:timers/promises";
import cliProgress from "cli-progress";
import { UserError } from "../runtime/user_error.js";

/** Without a terminal a line each half minute. */
const progressOptions = { hideCursor: true, noTTYOutput: true, notTTYSchedule: 30_000 } as const;

const lookEveryMs = 200;
const patienceMs = 120_000;

/** Shows how `count` grows until it is `total`; throws a `UserError` if it stands still for two minutes, or if `work` does. */
export async function showProgress(
  what: string,
  total: number,
  count: () => number,
  work?: Promise<unknown>,
): Promise<void> {
  const format = `${what} {bar} {value}/{total}  {duration_formatted}`;
  const bar = new cliProgress.SingleBar({ ...progressOptions, format }, cliProgress.Presets.shades_classic);
  bar.start(total, 0);
  const watch = async () => {
    for (let [now, movedAt] = [count(), performance.now()]; now < total; ) {
      await sleep(lookEveryMs);
      const next = count();
      if (next > now) movedAt = performance.now();
      else if (performance.now() - movedAt > patienceMs)
        throw new UserError(`${what}: ${next} of ${total}, and no more`);
      now = next;
      bar.update(now);
    }
  };
  try {
    await Promise.all([watch(), work]);
  } finally {
    bar.stop();
  }
}
