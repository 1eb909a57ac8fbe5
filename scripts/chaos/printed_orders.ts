import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import type { RestartableService } from "./restartable_service.js";

const line = /^New order received: (.+)$/gm;

/** Which orders the notifications services have printed, and how often; grows with each `read`. */
export class PrintedOrders {
  readonly #services: readonly RestartableService[];
  readonly #times = new Map<string, number>();
  readonly #offsets = new Map<string, number>();

  constructor(services: readonly RestartableService[]) {
    this.#services = services;
  }

  /** Reads what was printed since the last time, and returns the number of orders. */
  read(): number {
    for (const file of this.#services.flatMap(({ outLogs }) => outLogs)) {
      for (const [, id = ""] of this.#newLines(file).matchAll(line)) this.#times.set(id, this.times(id) + 1);
    }
    return this.#times.size;
  }

  /** How often the order was printed, as far as was read. */
  times(orderId: string): number {
    return this.#times.get(orderId) ?? 0;
  }

  /** Each order that was printed more than once, with how often. */
  get doubled(): ReadonlyMap<string, number> {
    return new Map([...this.#times].filter(([, times]) => times > 1));
  }

  #newLines(file: string): string {
    if (!existsSync(file)) return "";
    const offset = this.#offsets.get(file) ?? 0;
    const text = readFrom(file, offset);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    this.#offsets.set(file, offset + Buffer.byteLength(whole));
    return whole;
  }
}

function readFrom(file: string, offset: number): string {
  const descriptor = openSync(file, "r");
  const bytes = Buffer.alloc(fstatSync(descriptor).size - offset);
  readSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
  return bytes.toString();
}
