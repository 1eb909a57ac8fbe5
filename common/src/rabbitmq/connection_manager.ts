import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelayMs } from "../util/backoff.js";
import { RabbitConnection, type RabbitConnectionOptions } from "./rabbit_connection.js";

const reconnectBackoff = { baseMs: 200, maxMs: 2_000 };

/** `blocked`: connected, but the broker takes no messages (a memory or disk alarm). */
export type RabbitState = "connecting" | "connected" | "blocked" | "disconnected" | "closed";

interface RabbitConnectionManagerOptions extends RabbitConnectionOptions {
  /** What the connection is for, in the log of a service that has several. */
  readonly purpose?: string;
  /** Runs on each new connection before it is used: a consumer subscribes here. */
  readonly setup?: (connection: RabbitConnection) => Promise<void>;
}

/**
 * Keeps a connection to RabbitMQ open: when the socket, the channel or a consumer is lost, it opens a new one, with
 * backoff, until `close()`. Emits `state` with each new state.
 */
export class RabbitConnectionManager extends EventEmitter<{ state: [RabbitState] }> {
  readonly #options: RabbitConnectionManagerOptions;
  readonly #stop = new AbortController();
  #state: RabbitState = "disconnected";
  #reason: string | undefined;
  #lastLogged: string | undefined;
  #connection: RabbitConnection | undefined;
  #running: Promise<void> | undefined;

  constructor(options: RabbitConnectionManagerOptions) {
    super();
    this.#options = options;
  }

  /** The connection to publish on; undefined unless connected. */
  get connection(): RabbitConnection | undefined {
    return this.#state === "connected" && this.#connection?.isOpen ? this.#connection : undefined;
  }

  /** Why there is no connection to publish on. */
  get reason(): string | undefined {
    return this.connection ? undefined : this.#reason;
  }

  /** Connects in the background. */
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
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      this.#setState("connecting");
      const reason = await this.#runConnection().catch((error: unknown) => error);
      if (signal.aborted) return;
      if (this.#state !== "connecting") attempt = 1;
      this.#setState("disconnected", messageOf(reason));
      await sleep(backoffDelayMs(attempt, reconnectBackoff), undefined, { signal }).catch(() => {});
    }
  }

  /** Returns the reason why the connection was closed; throws if it can't be opened. */
  async #runConnection(): Promise<Error> {
    const connection = await RabbitConnection.open(this.#options);
    this.#connection = connection;
    try {
      await Promise.race([this.#options.setup?.(connection), connection.closed]);
      if (this.#stop.signal.aborted) return new Error("closed");
      connection.model.on("blocked", (reason) => this.#setState("blocked", reason));
      connection.model.on("unblocked", () => this.#setState("connected"));
      if (connection.isOpen) this.#setState("connected");
      return await connection.closed;
    } finally {
      this.#connection = undefined;
      await connection.close();
    }
  }

  #setState(state: RabbitState, reason?: string): void {
    this.#state = state;
    if (state !== "connecting") this.#logChange(state, reason);
    this.emit("state", state);
  }

  /** Logs each state change once, not every attempt. */
  #logChange(state: RabbitState, reason: string | undefined): void {
    this.#reason = reason;
    const change = `${state} ${reason}`;
    if (change === this.#lastLogged) return;
    this.#lastLogged = change;
    const { logger, purpose } = this.#options;
    logger.log(reason ? "warn" : "info", `rabbitmq ${state}`, { reason, purpose });
  }
}

/** Node's error for a host with several addresses has no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(String).join("; ");
  return error instanceof Error ? error.message : String(error);
}
