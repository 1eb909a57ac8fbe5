import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelayMs } from "../util/backoff.js";
import { withTimeout } from "../util/timeout.js";
import { type ConnectionOptions, RabbitConnection } from "./rabbit_connection.js";

const reconnectBackoff = { baseMs: 200, maxMs: 1_500 };
const setupTimeoutMs = 5_000;

/** `blocked`: connected, but the broker takes no messages (a memory or disk alarm). */
export type RabbitState = "connecting" | "connected" | "blocked" | "disconnected" | "closed";

interface RabbitConnectionManagerOptions extends Omit<ConnectionOptions, "url"> {
  /** One URL, or those of a cluster's nodes. */
  readonly urls: readonly string[];
  /** What the connection is for, in the log of a service that has several. */
  readonly purpose?: string;
  /** Runs on each new connection before it is used: a consumer subscribes here. */
  readonly setup?: (connection: RabbitConnection) => Promise<void>;
}

/** Keeps a connection to RabbitMQ open until `close()`: a lost one is replaced, on the next node. Emits `state`. */
export class RabbitConnectionManager extends EventEmitter<{ state: [RabbitState] }> {
  readonly #options: RabbitConnectionManagerOptions;
  readonly #stop = new AbortController();
  #state: RabbitState = "disconnected";
  #reason: string | undefined;
  readonly #loggedReasons = new Set<string>();
  #host = "";
  #connection: RabbitConnection | undefined;
  #connects = 0;
  #running: Promise<void> | undefined;

  constructor(options: RabbitConnectionManagerOptions) {
    super();
    this.#options = options;
  }

  /** The connection to publish on; undefined unless connected. */
  get connection(): RabbitConnection | undefined {
    return this.#state === "connected" && this.#connection?.isOpen ? this.#connection : undefined;
  }

  get reason(): string | undefined {
    return this.connection ? undefined : this.#reason;
  }

  /** The node of the connection; undefined unless connected. */
  get host(): string | undefined {
    return this.connection && this.#host;
  }

  get wasConnected(): boolean {
    return this.#connects > 0;
  }

  get reconnects(): number {
    return Math.max(this.#connects - 1, 0);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Closes the connection for good. Its users must have stopped before. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connection?.close();
    await this.#running;
    this.#setState("closed");
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { urls } = this.#options;
    // Random, so that services spread over the nodes.
    let node = Math.floor(Math.random() * urls.length);
    let failures = 0;
    while (!signal.aborted) {
      const url = urls[node % urls.length] ?? "";
      this.#host = new URL(url).host;
      this.#setState("connecting");
      const connectsBefore = this.#connects;
      const reason = await this.#runConnection(url).catch((error: unknown) => error);
      if (signal.aborted) return;
      failures = this.#connects > connectsBefore ? 0 : failures + 1;
      this.#setState("disconnected", messageOf(reason));
      node += 1;
      await sleep(retryDelayMs(failures, urls.length), undefined, { signal }).catch(() => {});
    }
  }

  /** Returns the reason why the connection was closed; throws if it can't be opened or set up. */
  async #runConnection(url: string): Promise<Error> {
    const { setup = async () => {}, ...options } = this.#options;
    const connection = await RabbitConnection.open({ ...options, url });
    this.#connection = connection;
    try {
      // A quorum queue without a majority never answers `consume`.
      await withTimeout(Promise.race([setup(connection), connection.closed]), setupTimeoutMs, "the set-up");
      this.#stop.signal.throwIfAborted();
      if (!connection.isOpen) throw await connection.closed;
      connection.amqpConnection.on("blocked", (reason) => this.#setState("blocked", reason));
      connection.amqpConnection.on("unblocked", () => this.#setState("connected"));
      this.#connects += 1;
      this.#setState("connected");
      return await connection.closed;
    } finally {
      this.#connection = undefined;
      await connection.close();
    }
  }

  #setState(state: RabbitState, reason?: string): void {
    this.#state = state;
    if (state !== "connecting") {
      this.#reason = reason;
      this.#logChange(state, reason);
    }
    this.emit("state", state);
  }

  /** Logs why each node is away once, not every attempt. */
  #logChange(state: RabbitState, reason: string | undefined): void {
    const change = `${this.#host} ${reason}`;
    if (state !== "disconnected") this.#loggedReasons.clear();
    else if (this.#loggedReasons.has(change)) return;
    else this.#loggedReasons.add(change);
    const { logger, purpose } = this.#options;
    logger.log(reason ? "warn" : "info", `rabbitmq ${state}`, { reason, host: this.#host, purpose });
  }
}

/** Grows with each round: of three nodes, the next is tried without delay after failures 1 and 2, with one after 3. */
function retryDelayMs(failures: number, nodes: number): number {
  if (failures % nodes !== 0) return 0;
  return backoffDelayMs(Math.max(failures / nodes, 1), reconnectBackoff);
}

/** Node's error for a host with several addresses has no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(String).join("; ");
  return error instanceof Error ? error.message : String(error);
}
