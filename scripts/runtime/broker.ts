import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import getPort from "get-port";
import { brokerAnswers } from "./clients.js";
import type { BrokerHandle } from "./handle.js";
import { BackgroundProcess } from "./processes.js";
import { installedRabbitmq, installRabbitmq, type RabbitmqPrograms } from "./rabbitmq_install.js";
import { UserError } from "./user_error.js";

/** RabbitMQ as a process of this machine, with its own name service (epmd), so that it can be stopped whole. */
export async function embeddedBroker(folder: string, port: number): Promise<BrokerHandle> {
  // It names its folder to a shell, unquoted, when it looks for room on the disk: one quote, and it waits for ever.
  if (/['"`]/.test(folder))
    throw new UserError(
      `RabbitMQ can't run in ${folder}, since there is a quote in that name: move this folder, use Docker, or set RABBITMQ_URL`,
    );
  const programs = (await installedRabbitmq()) ?? (await installRabbitmq());
  const broker = new PrivateBroker(programs, folder, port);
  return {
    kind: `RabbitMQ ${versionOf(programs)} (private broker of this machine)`,
    url: broker.url,
    ours: true,
    start: () => broker.start(),
    stop: () => broker.stop(),
    kill: () => broker.kill(),
    freeze: () => broker.server.freeze(),
    thaw: () => broker.server.thaw(),
    remove: async () => {
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    ctl: (...args) => broker.ctl(...args),
  };
}

class PrivateBroker {
  readonly url: string;
  readonly server: BackgroundProcess;
  readonly #epmd: BackgroundProcess;
  readonly #programs: RabbitmqPrograms;
  readonly #folder: string;
  readonly #port: number;
  #epmdPort = 0;

  constructor(programs: RabbitmqPrograms, folder: string, port: number) {
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
    this.server = new BackgroundProcess(folder, "rabbitmq");
    this.#epmd = new BackgroundProcess(folder, "epmd");
    this.#programs = programs;
    this.#folder = folder;
    this.#port = port;
    this.#epmdPort = Number(this.#epmd.fingerprint ?? 0);
  }

  async start(): Promise<void> {
    // One that runs on another port than is asked for now is in the way of its own data.
    if (this.server.fingerprint !== `${this.#port}`) await this.stop();
    await this.#startEpmd();
    if (!this.server.running) await this.#startServer();
    await this.server.waitUntilReady(() => brokerAnswers(this.url), 90_000);
  }

  async stop(): Promise<void> {
    await this.server.stop(30_000);
    await this.#epmd.stop();
  }

  async kill(): Promise<void> {
    await this.server.kill();
    await this.#epmd.kill();
  }

  async ctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa(this.#programs.ctl, ["--quiet", ...args], {
      env: this.#environment(),
      extendEnv: false,
      all: true,
    });
    return stdout;
  }

  /** Started by us and not by the broker, so that its pid is known: it would outlive the broker. */
  async #startEpmd(): Promise<void> {
    if (this.#epmd.running) return;
    this.#epmdPort = await getPort();
    const args = ["-port", `${this.#epmdPort}`, "-address", "127.0.0.1"];
    this.#epmd.start({ file: this.#programs.epmd, args, env: process.env, fingerprint: `${this.#epmdPort}` });
    const named = () => execa(this.#programs.epmd, ["-port", `${this.#epmdPort}`, "-names"], { reject: false });
    await this.#epmd.waitUntilReady(async () => (await named()).exitCode === 0, 10_000);
  }

  async #startServer(): Promise<void> {
    mkdirSync(join(this.#folder, "data"), { recursive: true });
    const lines = [`listeners.tcp.1 = 127.0.0.1:${this.#port}`, "log.file = false", "log.console = true"];
    writeFileSync(join(this.#folder, "rabbitmq.conf"), `${lines.join("\n")}\n`);
    writeFileSync(join(this.#folder, "enabled_plugins"), "[].\n");
    const env = { ...this.#environment(), RABBITMQ_DIST_PORT: `${await getPort()}` };
    this.server.start({ file: this.#programs.server, args: [], env, fingerprint: `${this.#port}` });
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(RABBITMQ|ERL)_/.test(name));
    return {
      ...Object.fromEntries(inherited),
      HOME: this.#folder,
      ERL_EPMD_PORT: `${this.#epmdPort}`,
      // Else whatever of Erlang's finds no name service starts one, and leaves it running.
      ERL_ZFLAGS: "-start_epmd false",
      RABBITMQ_NODENAME: "order_flow@localhost",
      RABBITMQ_NODE_PORT: `${this.#port}`,
      RABBITMQ_MNESIA_BASE: join(this.#folder, "data"),
      RABBITMQ_LOG_BASE: this.#folder,
      RABBITMQ_PID_FILE: join(this.#folder, "rabbitmq.pid"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.#folder, "enabled_plugins"),
      RABBITMQ_CONFIG_FILE: join(this.#folder, "rabbitmq.conf"),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      // Together: the start script becomes the broker itself, so that its pid is the one to signal.
      RABBITMQ_ALLOW_INPUT: "1",
      RABBITMQ_SERVER_START_ARGS: "-noinput",
    };
  }
}

/** Read from where the program is: to ask rabbitmqctl would leave the system's epmd running. */
function versionOf({ server }: RabbitmqPrograms): string {
  return /\d+\.\d+\.\d+/.exec(realpathSync(server))?.[0] ?? "";
}
