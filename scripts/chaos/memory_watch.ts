import { execaSync } from "execa";
import type { RestartableService } from "./restartable_service.js";

const lookEveryMs = 1_000;

/** Looks each second at the memory that services have (their resident set), until it is stopped. */
export class MemoryWatch {
  readonly #services: readonly RestartableService[];
  readonly #firstMb: number;
  readonly #timer: NodeJS.Timeout;
  #maxMb: number;

  constructor(services: readonly RestartableService[]) {
    this.#services = services;
    this.#firstMb = this.#now();
    this.#maxMb = this.#firstMb;
    this.#timer = setInterval(() => {
      this.#maxMb = Math.max(this.#maxMb, this.#now());
    }, lookEveryMs).unref();
  }

  /** Returns what they had at first and at most, together. */
  stop(): { readonly firstMb: number; readonly maxMb: number } {
    clearInterval(this.#timer);
    return { firstMb: this.#firstMb, maxMb: Math.max(this.#maxMb, this.#now()) };
  }

  #now(): number {
    return residentMb(this.#services);
  }
}

/** The resident set of these services together, in MiB. */
export function residentMb(services: readonly Pick<RestartableService, "pid">[]): number {
  const pids = services.map(({ pid }) => pid ?? 0);
  // Not of one that has just ended.
  const { stdout } = execaSync("ps", ["-o", "rss=", "-p", pids.join(",")], { reject: false });
  const kilobytes = stdout.split("\n").reduce((sum, line) => sum + Number(line), 0);
  return Math.round(kilobytes / 1_024);
}
