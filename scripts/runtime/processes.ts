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

/** A network namespace, as a machine. */
export interface Machine {
  /** What a command is put behind to run there. */
  readonly enter: readonly string[];
  /** The address at which others reach it. */
  readonly host: string;
}

/** This machine, of which only its loopback address is used. */
export const thisMachine: Machine = { enter: [], host: "127.0.0.1" };

interface Command {
  readonly machine?: Machine;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly fingerprint?: string;
}

/**
 * A process that outlives the one that starts it. Its pid file also holds its start time, so that a reused pid is never
 * signalled.
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

  /** Starts it in its own process group, with new logs; earlier logs are kept. Throws if it is already running. */
  start({ machine = thisMachine, file, args, env, fingerprint = "" }: Command): void {
    if (this.running) throw new UserError(`${this.name} is already running (pid ${this.pid})`);
    const [out, err] = [newLog(this.outLog), newLog(this.errorLog)];
    const [program = file, ...rest] = [...machine.enter, file, ...args];
    const child = spawn(program, rest, { env, detached: true, stdio: ["ignore", out, err] });
    // For a missing program; whoever waits for the process then sees that it is not running.
    child.on("error", (error) => writeFileSync(this.errorLog, `${error.message}\n`, { flag: "a" }));
    child.unref();
    closeSync(out);
    closeSync(err);
    if (child.pid !== undefined) this.#remember(child.pid, fingerprint);
  }

  /** Without its pid file, on a full disk for example, the process could not be stopped later. */
  #remember(pid: number, fingerprint: string): void {
    try {
      writePidFile(this.#pidFile, pid, fingerprint);
    } catch (error) {
      signalTo(-pid, "SIGKILL");
      throw new UserError(`${this.name} can't be started: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** SIGTERM, then SIGKILL after the deadline. No-op if it is not running. */
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

  /** SIGSTOP to the whole process group; resolves when the process has stopped. Throws if it is not running. */
  async freeze(): Promise<void> {
    const pid = this.#signalGroup("SIGSTOP");
    await waitUntil(() => !this.running || isStopped(pid), { what: `${this.name} is frozen`, deadlineMs: 5_000 });
  }

  /** SIGCONT to the whole process group. Throws if it is not running. */
  async thaw(): Promise<void> {
    this.#signalGroup("SIGCONT");
  }

  /** Polls `ready`. Throws a `UserError` with the log if the process exits, or is not ready in time. */
  async waitUntilReady(ready: () => Promise<boolean>, deadlineMs: number): Promise<void> {
    const check = async () => {
      if (!this.running) throw new UserError(`${this.name} exited`, this.log);
      return ready();
    };
    await waitUntil(check, { what: `${this.name} is ready`, deadlineMs, log: () => this.log });
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

/** Signals a process, or its group if the number is negative. No-op if it has exited. */
export function signalTo(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // It has just exited.
  }
}

const maxPreviousBytes = 20_000_000;

/** Opens a new log. The old one is appended to the previous ones, or replaces them if they are too large. */
function newLog(file: string): number {
  const previous = `${file}.previous`;
  if (sizeOf(file) + sizeOf(previous) > maxPreviousBytes || !appendFile(file, previous)) renameSync(file, previous);
  // Append mode: after the file is truncated, writing at an offset would leave a gap of NULs.
  return openSync(file, "a");
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Moves the content of `file` to the end of `target`. Returns false if that fails, on a full disk for example. */
function appendFile(file: string, target: string): boolean {
  try {
    if (existsSync(file)) appendFileSync(target, readFileSync(file));
    rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}
