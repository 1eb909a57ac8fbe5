import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type ServiceName, variables } from "@order-flow/common/config/variables.js";
import { withTimeout } from "@order-flow/common/util/timeout.js";
import { httpAnswers } from "../../scripts/runtime/clients.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { writePidFile } from "../../scripts/runtime/pid_file.js";
import { runFolder } from "../../scripts/runtime/run_folder.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { entryOf, nodeEnvironment, nodeFlags, serviceNamed } from "../../scripts/stack/services.js";
import { afterAll } from "./cleanup.js";
import { isServedBy } from "./documented.js";
import { assertDocumentedLog } from "./documented_logs.js";
import { member, parseObject } from "./http.js";
import { keepLog } from "./kept_logs.js";
import type { TestQueue } from "./queue.js";
import { testServers } from "./services.js";

/** Environment variables; undefined: not set at all, so that a `.env` can. */
type Settings = Readonly<Record<string, string | undefined>>;
type Fields = Readonly<Record<string, unknown>>;

/** How a process ended: by itself, with a code, or by a signal. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The end of a process that was told to stop. */
export const ended: Exit = { code: 0, signal: null };

interface Options {
  /** Run in place of node, which is its `$0`, with the entry as its `$1`: for a standard output of another kind. */
  readonly shell?: string;
  /** Default: the compiled entry of this checkout. */
  readonly entry?: string;
}

/** A service of ours as a process of its own, and all that it has written. It is killed when the tests are over. */
export class ServiceProcess {
  readonly service: ServiceName;
  readonly url: string;
  /** Resolves when it has ended and all that it wrote was read. */
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #output: Buffer[];
  readonly #errors: Buffer[];

  private constructor(service: ServiceName, child: ChildProcess, url: string) {
    this.service = service;
    this.#child = child;
    this.url = url;
    isServedBy(url, service);
    this.#output = collected(child.stdout);
    this.#errors = collected(child.stderr);
    this.ended = once(child, "close").then(() => ({ code: child.exitCode, signal: child.signalCode }));
    afterAll(async () => {
      await this.end("SIGKILL");
      assertDocumentedLog(service === "notifications_service" ? this.errors : this.output);
    });
  }

  /** Starts it on a free port; `settings` are environment variables, and it sees no other of ours. */
  static async start(service: ServiceName, settings: Settings = {}, options: Options = {}): Promise<ServiceProcess> {
    const port = settings["PORT"] ?? `${await freePort()}`;
    const entry = options.entry ?? entryOf(serviceNamed(service));
    const env = { ...process.env, ...nodeEnvironment, ...noVariables, ...settings, PORT: port };
    const command =
      options.shell === undefined
        ? [process.execPath, ...nodeFlags, entry]
        : ["sh", "-c", options.shell, process.execPath, entry];
    const child = spawn(command[0] ?? "", command.slice(1), { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    // Should this process be killed, the run's pid files are how its children are found.
    if (child.pid !== undefined) writePidFile(join(runFolder(), `service_${child.pid}.pid.json`), child.pid);
    return new ServiceProcess(service, child, `http://127.0.0.1:${port}`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return Buffer.concat(this.#output).toString();
  }

  get errors(): string {
    return Buffer.concat(this.#errors).toString();
  }

  /** The lines of its log, parsed; throws if one is no JSON object. The notifications service's is on standard error. */
  get log(): readonly object[] {
    const text = this.service === "notifications_service" ? this.errors : this.output;
    // What stands behind the last line feed is still being written.
    return text.split("\n").slice(0, -1).map(parseObject);
  }

  /** The log lines whose message is `message` and that have those fields. */
  logged(message: string, fields: Fields = {}): readonly object[] {
    const wanted = Object.entries({ message, ...fields });
    return this.log.filter((line) => wanted.every(([name, value]) => member(line, name) === value));
  }

  /** Waits for 200 from `/ready`, or another path. */
  async answers(path = "/ready"): Promise<void> {
    await this.#waitUntil(`${path} is 200`, async () => {
      if (this.#child.exitCode !== null) throw new Error(`it ended, with ${this.#child.exitCode}: ${this.errors}`);
      return httpAnswers(`${this.url}${path}`);
    });
  }

  /** Waits until its standard output is exactly `expected`; fails with the difference where it is something else. */
  async prints(expected: string): Promise<void> {
    await this.#waitUntil("its output is complete", () => this.output.length >= expected.length);
    assert.equal(this.output, expected);
  }

  /** Waits for so many of such log lines, and returns the first. */
  async logs(message: string, fields: Fields = {}, count = 1): Promise<object> {
    await this.#waitUntil(`"${message}" is logged`, () => this.logged(message, fields).length >= count);
    return this.logged(message, fields)[0] ?? {};
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends `signal` and waits for the end. A service that is not done after 10 seconds ends with 1. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    this.signal(signal);
    return withTimeout(this.ended, 60_000, "ending");
  }

  /** Closes our end of its standard output: what it writes next fails with EPIPE. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  async #waitUntil(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await waitUntil(condition, { what, deadlineMs: 60_000 });
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.output}\n${this.errors}`);
    }
  }
}

/** notifications_service on a queue of the test run's broker. */
export const startConsumer = (
  queue: Pick<TestQueue, "name">,
  settings: Settings = {},
  options?: Options,
): Promise<ServiceProcess> => {
  const own = { RABBITMQ_URL: testServers().rabbitmq, ORDERS_QUEUE: queue.name };
  return ServiceProcess.start("notifications_service", { ...own, ...settings }, options);
};

/** Empty counts as absent, and keeps dotenv from taking a value out of a developer's `.env`. */
const noVariables = Object.fromEntries(Object.keys(variables).map((name) => [name, ""]));

function collected(stream: Readable | null): Buffer[] {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    keepLog(chunk);
  });
  return chunks;
}
