import { join } from "node:path";
import { httpAnswers } from "../scripts/runtime/clients.js";
import { freePort } from "../scripts/runtime/free_port.js";
import type { ServerHandle } from "../scripts/runtime/handle.js";
import { root } from "../scripts/runtime/paths.js";
import { BackgroundProcess } from "../scripts/runtime/processes.js";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { sharedBroker, sharedDatabase } from "../scripts/runtime/servers.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import { removeRun } from "../scripts/stack/test_run.js";
import { type Build, System } from "./system.js";

/** What the builds that are measured have in common: a broker, a database, and static Express to compare with. */
export class BenchServers {
  readonly database: ServerHandle;
  readonly broker: ServerHandle;
  readonly staticUrl: string;
  readonly #folder: string;
  readonly #static: BackgroundProcess;

  static async start(name: string): Promise<BenchServers> {
    const folder = testFolder(name);
    const [database, broker] = await Promise.all([sharedDatabase(folder), sharedBroker(folder)]);
    await Promise.all([database.start(), broker.start()]);
    return new BenchServers(folder, database, broker, await freePort());
  }

  private constructor(folder: string, database: ServerHandle, broker: ServerHandle, port: number) {
    this.#folder = folder;
    this.database = database;
    this.broker = broker;
    this.staticUrl = `http://127.0.0.1:${port}`;
    this.#static = new BackgroundProcess(folder, "static");
    const file = join(root, "build/bench/static_express.js");
    const env = { ...process.env, NODE_ENV: "production", PORT: `${port}` };
    this.#static.start({ file: process.execPath, args: [file], env });
  }

  get staticPid(): number | undefined {
    return this.#static.pid;
  }

  /** Starts a build of the services: this checkout's, unless `build` names another. */
  async system(name: string, build: Build = {}): Promise<System> {
    await waitUntil(() => httpAnswers(this.staticUrl), { what: "static Express answers", deadlineMs: 20_000 });
    const [mongodbUri, rabbitmqUrl] = [this.database.url, this.broker.url];
    return System.start({ name, folder: this.#folder, mongodbUri, rabbitmqUrl, ...build });
  }

  /** Kills all of it, the services too. */
  async remove(): Promise<void> {
    await removeRun(this.#folder);
    await Promise.all([this.database.remove(), this.broker.remove()]);
  }
}
