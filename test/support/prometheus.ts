import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, canAptInstall } from "../../scripts/runtime/apt.js";
import { freePort } from "../../scripts/runtime/free_port.js";
import { BackgroundProcess } from "../../scripts/runtime/processes.js";
import { onPath } from "../../scripts/runtime/programs.js";
import { afterAll } from "./cleanup.js";

/** One series of an answer, with its newest value. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Installs Prometheus, which has promtool, where that needs no question; returns why it is not there, or false. */
export async function missingPrometheus(): Promise<string | false> {
  const isThere = async () => (await onPath("prometheus")) !== undefined && (await onPath("promtool")) !== undefined;
  if (!(await isThere()) && (await canAptInstall())) await aptInstall("prometheus").catch(() => {});
  return (await isThere()) ? false : "prometheus and promtool are not installed, and can't be without asking";
}

/** A Prometheus of the tests' own, which is killed when they are over. */
export class Prometheus {
  readonly #url: string;

  /** Starts it in `folder` with the text of prometheus.yml; what that names stands there already. */
  static async start(folder: string, config: string): Promise<Prometheus> {
    const port = await freePort();
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "prometheus.yml");
    writeFileSync(file, config);
    const child = new BackgroundProcess(folder, "prometheus");
    const options = [`--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`];
    child.start({ file: "prometheus", args: [`--config.file=${file}`, ...options], env: process.env });
    afterAll(() => child.kill());
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await child.waitUntilReady(isReady, 60_000);
    return new Prometheus(url);
  }

  private constructor(url: string) {
    this.#url = url;
  }

  /** What the expression says now. Throws what Prometheus says against it. */
  async query(expression: string): Promise<readonly Sample[]> {
    const response = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${expression}: ${text}`);
    const answer: { readonly data: { readonly result: readonly Sample[] } } = JSON.parse(text);
    return answer.data.result;
  }

  /** The labels of the alerts that fire. */
  async firing(): Promise<readonly Sample["metric"][]> {
    return (await this.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric);
  }
}
