import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isStopped } from "./identity.js";
import { isRunning, type PidRecord, readPidFile, writePidFile } from "./pid_file.js";
import { lastLinesOf, UserError } from "./user_error.js";
import { waitUntil } from "./wait.js";

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly fingerprint?: string;
}

/**
 * A process that outlives the one that starts it. Its pid file holds its start time too, so that a pid which the
 * system has given to somebody else is never signalled.
 */
export class BackgroundProcess {
  readonly name: string;
  readonly outLog: string;
  readonly errorLog: string;
  readonly #pidFile: string;

  constructor(folder: string, name: string) {
    this.name = name;
    this.outLog = join(folder, `${name}.out.log`);
    this.errorLog = join(folder, `${name}.err.log`);
    this.#pidFile = join(folder, `${name}.pid.json`);
    mkdirSync(folder, { recursive: true });
  }

  get pid(): number | undefined {
    return this.#record()?.pid;
  }

  get running(): boolean {
    return this.#record() !== undefined;
  }

  get fingerprint(): string | undefined {
    return this.#record()?.fingerprint;
  }

  /** The last lines of both logs. */
  get log(): string {
    return lastLinesOf([this.outLog, this.errorLog]);
  }

  /** Starts it in a process group of its own, with new logs beside those of its earlier lives. Throws if it runs already. */
  start({ file, args, env, fingerprint = "" }: Command): void {
    if (this.running) throw new UserError(`${this.name} is already running (pid ${this.pid})`);
    const [out, err] = [newLog(this.outLog), newLog(this.errorLog)];
    const child = spawn(file, [...args], { env, detached: true, stdio: ["ignore", out, err] });
    // A file that does not exist is told by `error`; that it does not run is seen by whoever waits for it.
    child.on("error", (error) => writeFileSync(this.errorLog, `${error.message}\n`, { flag: "a" }));
    child.unref();
    closeSync(out);
    closeSync(err);
    if (child.pid !== undefined) this.#remember(child.pid, fingerprint);
  }

  /** What can't be written down, on a full disk say, could not be stopped later. */
  #remember(pid: number, fingerprint: string): void {
    try {
      writePidFile(this.#pidFile, pid, fingerprint);
    } catch (error) {
      signalTo(-pid, "SIGKILL");
      throw new UserError(`${this.name} can't be started: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** SIGTERM, and SIGKILL if it still runs after the deadline. Does nothing if it does not run. */
  async stop(deadlineMs = 12_000): Promise<void> {
    const pid = this.pid;
    if (pid !== undefined) {
      signalTo(pid, "SIGTERM");
      // A frozen process takes the signal only when it goes on.
      signalTo(-pid, "SIGCONT");
      await this.#gone(deadlineMs).catch(() => this.kill());
    }
    rmSync(this.#pidFile, { force: true });
  }

  /** SIGKILL to the whole process group. */
  async kill(): Promise<void> {
    const pid = this.pid;
    if (pid !== undefined) {
      signalTo(-pid, "SIGKILL");
      await this.#gone(5_000);
    }
    rmSync(this.#pidFile, { force: true });
  }

  /** SIGSTOP to the whole process group; resolves when the process has stopped. Throws if it does not run. */
  async freeze(): Promise<void> {
    const pid = this.#signalGroup("SIGSTOP");
    await waitUntil(() => !this.running || isStopped(pid), { what: `${this.name} is frozen`, deadlineMs: 5_000 });
  }

  /** SIGCONT to the whole process group. Throws if it does not run. */
  async thaw(): Promise<void> {
    this.#signalGroup("SIGCONT");
  }

  /** Waits for `ready`; a process that ends meanwhile, or is not ready in time, is a `UserError` with its log. */
  async waitUntilReady(ready: () => Promise<boolean>, deadlineMs: number): Promise<void> {
    const check = async () => {
      if (!this.running) throw new UserError(`${this.name} exited`, this.log);
      return ready();
    };
    try {
      await waitUntil(check, { what: `${this.name} is ready`, deadlineMs });
    } catch (error) {
      throw error instanceof UserError ? new UserError(error.message, this.log) : error;
    }
  }

  #signalGroup(signal: NodeJS.Signals): number {
    const { pid } = this;
    if (pid === undefined) throw new UserError(`${this.name} is not running`);
    signalTo(-pid, signal);
    return pid;
  }

  #gone(deadlineMs: number): Promise<void> {
    return waitUntil(() => !this.running, { what: `${this.name} has ended`, deadlineMs });
  }

  #record(): PidRecord | undefined {
    const record = readPidFile(this.#pidFile);
    return record && isRunning(record) ? record : undefined;
  }
}

/** Signals a process, or with a negative number its group; does nothing if it has ended. */
export function signalTo(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // It has just ended.
  }
}

const maxPreviousBytes = 20_000_000;

/** A new log; what stood in it goes behind the lines of earlier lives, or replaces them where that is too much. */
function newLog(file: string): number {
  const previous = `${file}.previous`;
  if (sizeOf(file) + sizeOf(previous) > maxPreviousBytes || !appendFile(file, previous)) renameSync(file, previous);
  // Else the next line would leave a gap of NULs after somebody has emptied the file.
  return openSync(file, "a");
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Moves what stands in `file` to the end of `target`. Returns false where that is not possible: the disk may be full. */
function appendFile(file: string, target: string): boolean {
  try {
    if (existsSync(file)) appendFileSync(target, readFileSync(file));
    rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}
