import { execa } from "execa";
import type { Machine } from "../../scripts/runtime/processes.js";

/** `cluster`: among the brokers and to them; `outside`: to the clients and the database. */
export type Wire = "cluster" | "outside";

const networks: Readonly<Record<Wire, string>> = { cluster: "10.9.0", outside: "10.9.1" };

/** The address of this process on a wire. */
export const ownAddress = (wire: Wire): string => `${networks[wire]}.254`;

const ip = (...args: readonly string[]) => execa("ip", args, { all: true });

/** A network namespace with a wire to each of two bridges. Needs to be root in a network namespace. */
export class NamespaceMachine {
  readonly name: string;
  readonly #number: number;

  constructor(number: number) {
    this.name = `m${number}`;
    this.#number = number;
  }

  /** The machine by its address on that wire. */
  on(wire: Wire): Machine {
    return { enter: ["ip", "netns", "exec", this.name], host: `${networks[wire]}.${this.#number}` };
  }

  async build(): Promise<void> {
    await ip("netns", "add", this.name);
    await ip("-n", this.name, "link", "set", "lo", "up");
    for (const wire of ["cluster", "outside"] as const) {
      const end = this.#end(wire);
      await ip("link", "add", end, "type", "veth", "peer", "name", wire, "netns", this.name);
      await ip("link", "set", end, "master", wire, "up");
      await ip("-n", this.name, "address", "add", `${this.on(wire).host}/24`, "dev", wire);
      await ip("-n", this.name, "link", "set", wire, "up");
    }
  }

  async cut(...wires: readonly Wire[]): Promise<void> {
    for (const wire of wires) await ip("link", "set", this.#end(wire), "down");
  }

  async heal(...wires: readonly Wire[]): Promise<void> {
    for (const wire of wires) await ip("link", "set", this.#end(wire), "up");
  }

  /** Makes what comes in by a wire late. Returns how; undefined where the kernel can't. */
  async slow(wire: Wire): Promise<string | undefined> {
    const ways = ["netem delay 100ms", "tbf rate 256kbit burst 8kb latency 400ms"];
    for (const way of ways) if (await this.#qdisc("add", wire, way)) return way;
    return undefined;
  }

  async speedUp(wire: Wire): Promise<void> {
    await this.#qdisc("del", wire);
  }

  async #qdisc(command: "add" | "del", wire: Wire, way = ""): Promise<boolean> {
    const args = ["qdisc", command, "dev", this.#end(wire), "root", ...way.split(" ").filter(Boolean)];
    return !(await execa("tc", args, { reject: false })).failed;
  }

  #end(wire: Wire): string {
    return `${this.name}-${wire}`;
  }
}

/** Makes the bridges and so many machines. */
export async function buildMachines(count: number): Promise<readonly NamespaceMachine[]> {
  await execa("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
  await ip("link", "set", "lo", "up");
  for (const wire of ["cluster", "outside"] as const) {
    await ip("link", "add", wire, "type", "bridge");
    await ip("address", "add", `${ownAddress(wire)}/24`, "dev", wire);
    await ip("link", "set", wire, "up");
  }
  const machines = Array.from({ length: count }, (_, index) => new NamespaceMachine(index + 1));
  for (const machine of machines) await machine.build();
  return machines;
}
