import type { ServiceName } from "@order-flow/common/config/variables.js";
import { httpAnswers } from "../runtime/clients.js";
import { root as ownRoot } from "../runtime/paths.js";
import { BackgroundProcess, type Machine, thisMachine } from "../runtime/processes.js";
import { entryOf, nodeEnvironment, nodeFlags, serviceNamed } from "../stack/services.js";

interface ServiceOptions {
  readonly service: ServiceName;
  /** Unlike any other in its folder. */
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly machine?: Machine;
  readonly env: Readonly<Record<string, string>>;
  /** The checkout that the service is of; this one if left out. */
  readonly root?: string;
}

/** For a machine that is busy with a dozen of them. */
const startDeadlineMs = 90_000;

/** A service as a process that is killed and started again; what each life of it printed is kept. */
export class RestartableService {
  readonly name: string;
  readonly url: string;
  readonly #options: ServiceOptions;
  readonly #lives: BackgroundProcess[] = [];

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.url = `http://${(options.machine ?? thisMachine).host}:${options.port}`;
  }

  /** Starts it, if it does not run, and waits for `/health`. */
  async start(): Promise<void> {
    const { service, folder, name, port, env, machine = thisMachine, root = ownRoot } = this.#options;
    if (this.#life?.running) return;
    const life = new BackgroundProcess(folder, `${name}.${this.#lives.length + 1}`);
    life.start({
      machine,
      file: process.execPath,
      args: [...nodeFlags, entryOf(serviceNamed(service), root)],
      env: { ...process.env, ...nodeEnvironment, LOG_FORMAT: "json", PORT: `${port}`, ...env },
    });
    this.#lives.push(life);
    await life.waitUntilReady(() => httpAnswers(`${this.url}/health`), startDeadlineMs);
  }

  /** SIGTERM, and waits for the end. */
  readonly stop = async () => this.#life?.stop();
  readonly kill = async () => this.#life?.kill();
  readonly freeze = async () => this.#life?.freeze();
  readonly thaw = async () => this.#life?.thaw();

  get pid(): number | undefined {
    return this.#life?.pid;
  }

  /** The files with what all its lives wrote to standard output. */
  get outLogs(): readonly string[] {
    return this.#lives.map(({ outLog }) => outLog);
  }

  /** The files with what all its lives wrote to standard error. */
  get errorLogs(): readonly string[] {
    return this.#lives.map(({ errorLog }) => errorLog);
  }

  readonly isReady = () => httpAnswers(`${this.url}/ready`);

  get #life(): BackgroundProcess | undefined {
    return this.#lives.at(-1);
  }
}
