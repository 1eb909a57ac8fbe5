import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { brokerAnswers } from "./clients.js";
import { freePort } from "./free_port.js";
import type { BrokerHandle } from "./handle.js";
import { BackgroundProcess, type Machine, thisMachine } from "./processes.js";
import { type RabbitmqPrograms, unpackedErlang } from "./rabbitmq_install.js";

/** Erlang's name service. Started by us and not by a broker, so that its pid is known: it would outlive the broker. */
export class NameService {
  readonly #process: BackgroundProcess;
  readonly #program: string;
  readonly #machine: Machine;

  constructor(program: string, folder: string, machine = thisMachine) {
    this.#process = new BackgroundProcess(folder, machine === thisMachine ? "epmd" : `epmd_${machine.host}`);
    this.#program = program;
    this.#machine = machine;
  }

  get port(): string {
    return this.#process.fingerprint ?? "0";
  }

  async start(): Promise<void> {
    if (this.#process.running) return;
    const machine = this.#machine;
    // Nodes on other machines must know it without asking.
    const port = machine === thisMachine ? `${await freePort()}` : "4369";
    const args = ["-port", port, "-address", machine.host];
    this.#process.start({ machine, file: this.#program, args, env: process.env, fingerprint: port });
    const [file = "", ...names] = [...machine.enter, this.#program, "-port", port, "-names"];
    const named = () => execa(file, names, { reject: false });
    await this.#process.waitUntilReady(async () => (await named()).exitCode === 0, 10_000);
  }

  readonly stop = () => this.#process.stop();
  readonly kill = () => this.#process.kill();
}

interface NodeOptions {
  readonly programs: RabbitmqPrograms;
  readonly names: NameService;
  /** Of its data, its log and Erlang's cookie: nodes of a cluster share it. */
  readonly folder: string;
  readonly port: number;
  /** Of its process. */
  readonly name: string;
  readonly erlangName: string;
  readonly machine?: Machine;
  /** Lines of rabbitmq.conf. */
  readonly settings?: readonly string[];
}

/** A node of RabbitMQ as a process of this machine. Its name service must run. */
export class BrokerNode implements BrokerHandle {
  readonly kind: string;
  readonly url: string;
  readonly process: BackgroundProcess;
  readonly #options: NodeOptions;

  constructor(options: NodeOptions) {
    this.kind = `RabbitMQ ${versionOf(options.programs)} (private broker of this machine)`;
    this.url = `amqp://guest:guest@${(options.machine ?? thisMachine).host}:${options.port}`;
    this.process = new BackgroundProcess(options.folder, options.name);
    this.#options = options;
  }

  get erlangName(): string {
    return this.#options.erlangName;
  }

  get dataFolder(): string {
    return join(this.#options.folder, "data", this.erlangName);
  }

  async start(): Promise<void> {
    // One that runs on another port than is asked for now is in the way of its own data.
    if (this.process.fingerprint !== `${this.#options.port}`) await this.stop();
    if (!this.process.running) await this.#startServer();
    await this.process.waitUntilReady(() => brokerAnswers(this.url), 90_000);
  }

  readonly stop = () => this.process.stop(30_000);
  readonly kill = () => this.process.kill();
  readonly freeze = () => this.process.freeze();
  readonly thaw = () => this.process.thaw();
  readonly remove = this.stop;

  readonly ctl = async (...args: readonly string[]): Promise<string> => {
    const options = { env: this.#environment(), extendEnv: false, all: true } as const;
    const { machine = thisMachine, programs } = this.#options;
    const [file = "", ...rest] = [...machine.enter, programs.ctl, "--quiet", ...args];
    return (await execa(file, rest, options)).stdout;
  };

  async #startServer(): Promise<void> {
    const { folder, name, port, settings = [], programs, machine = thisMachine } = this.#options;
    mkdirSync(join(folder, "data"), { recursive: true });
    const lines = [`listeners.tcp.1 = ${machine.host}:${port}`, "log.file = false", "log.console = true", ...settings];
    writeFileSync(join(folder, `${name}.conf`), `${lines.join("\n")}\n`);
    // The nodes give up one that is frozen within 5 s, before its clients do; by default it is a minute.
    const sooner = "[{kernel, [{net_ticktime, 4}]}, {aten, [{poll_interval, 1000}]}].\n";
    writeFileSync(join(folder, "advanced.config"), sooner);
    writeFileSync(join(folder, "enabled_plugins"), "[].\n");
    const env = { ...this.#environment(), RABBITMQ_DIST_PORT: `${await freePort()}` };
    this.process.start({ machine, file: programs.server, args: [], env, fingerprint: `${port}` });
  }

  #environment(): NodeJS.ProcessEnv {
    const { folder, name, port, names, erlangName } = this.#options;
    const inherited = Object.entries(process.env).filter(([variable]) => !/^(RABBITMQ|ERL)_/.test(variable));
    return {
      ...Object.fromEntries(inherited),
      HOME: folder,
      PATH: [process.env["PATH"], unpackedErlang].join(delimiter),
      ERL_EPMD_PORT: names.port,
      // Else whatever of Erlang's finds no name service starts one, and leaves it running.
      ERL_ZFLAGS: "-start_epmd false",
      RABBITMQ_NODENAME: erlangName,
      RABBITMQ_USE_LONGNAME: `${erlangName.includes(".")}`,
      RABBITMQ_NODE_PORT: `${port}`,
      RABBITMQ_MNESIA_BASE: join(folder, "data"),
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_PID_FILE: join(folder, `${name}.pid`),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
      RABBITMQ_CONFIG_FILE: join(folder, `${name}.conf`),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      // Together: the start script becomes the broker itself, so that its pid is the one to signal.
      RABBITMQ_ALLOW_INPUT: "1",
      RABBITMQ_SERVER_START_ARGS: "-noinput",
    };
  }
}

/** Read from where the program is: to ask rabbitmqctl would leave the system's epmd running. */
export function versionOf({ server }: RabbitmqPrograms): string {
  return /\d+\.\d+\.\d+/.exec(realpathSync(server))?.[0] ?? "";
}
