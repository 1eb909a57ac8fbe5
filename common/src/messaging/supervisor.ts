import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import type { Logger } from "winston";
import { backoffDelayMs } from "../util/backoff.js";
import { ensureQueue } from "./queues.js";
import { Session } from "./session.js";

const firstRetryMs = 200;
const longestRetryMs = 10_000;

/**
 * `connecting` -> `up` <-> `blocked` (broker alarm), and from each of them -> `waiting` -> `connecting`, for ever;
 * `closed` after `close()`.
 */
export type SupervisorState = "connecting" | "up" | "blocked" | "waiting" | "closed";

interface SupervisorOptions {
  readonly url: string;
  /** Durable queues that must exist before the session is used; asserted again at each connection. */
  readonly queues: readonly string[];
  readonly logger: Logger;
  /** What the connection is for, in the log, where a service has several. */
  readonly purpose?: string;
  /** Runs on each new session before it counts as up: a consumer subscribes here. */
  readonly setup?: (session: Session) => Promise<void>;
}

/**
 * Keeps one session with RabbitMQ open. amqplib leaves recovery to its caller; here any loss (socket, connection,
 * channel, cancelled consumer) ends the whole session, and a new one is opened, with backoff, until `close()`.
 * Emits `state` with each new state.
 */
export class RabbitSupervisor extends EventEmitter<{ state: [SupervisorState] }> {
  readonly #options: SupervisorOptions;
  readonly #stop = new AbortController();
  readonly #restoring = new WeakMap<Session, Promise<void>>();
  #state: SupervisorState = "waiting";
  #lastLogged = "";
  #reason: string | undefined;
  #session: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    super();
    this.#options = options;
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** The session that can be published on now; undefined while there is none, or the broker has an alarm. */
  get session(): Session | undefined {
    return this.#state === "up" && this.#session?.alive ? this.#session : undefined;
  }

  /** Why there is no session to publish on; undefined while there is one. */
  get reason(): string | undefined {
    return this.session ? undefined : this.#reason;
  }

  /** Begins to connect, in the background. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Declares the queues again on `session`: one of them was deleted. All who ask while that is under way share it,
   * since each declaration takes a channel, and a connection has 2,047.
   */
  restoreQueues(session: Session): Promise<void> {
    const underWay = this.#restoring.get(session);
    if (underWay) return underWay;
    const restoring = this.#ensureQueues(session.connection).finally(() => this.#restoring.delete(session));
    this.#restoring.set(session, restoring);
    return restoring;
  }

  /** Ends the session and stops reconnecting. Whatever uses the session must have finished before. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#session?.close();
    await this.#running;
    this.#enter("closed");
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      this.#enter("connecting");
      const reason = await this.#live(() => {
        failures = 0;
      });
      if (this.#stop.signal.aborted) return;
      failures += 1;
      this.#enter("waiting", messageOf(reason));
      await sleep(backoffDelayMs(failures, { baseMs: firstRetryMs, maxMs: longestRetryMs }), undefined, {
        signal: this.#stop.signal,
      }).catch(() => {});
    }
  }

  /** Opens a session and returns, when it has ended, why. */
  async #live(onUp: () => void): Promise<Error> {
    const { url, setup } = this.#options;
    let session: Session | undefined;
    try {
      session = await Session.open(url, (connection) => this.#ensureQueues(connection));
      this.#session = session;
      await Promise.race([setup?.(session), session.ended]);
      if (session.alive && !this.#stop.signal.aborted) {
        onUp();
        this.#watchAlarms(session);
      }
      return this.#stop.signal.aborted ? new Error("closed") : await session.ended;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#session = undefined;
      await session?.close();
    }
  }

  async #ensureQueues(connection: ChannelModel): Promise<void> {
    for (const queue of this.#options.queues) await ensureQueue(connection, queue, this.#options.logger);
  }

  #watchAlarms(session: Session): void {
    session.connection.on("blocked", (reason) => this.#enter("blocked", reason));
    session.connection.on("unblocked", () => this.#enter("up"));
    this.#enter(session.blocked ? "blocked" : "up");
  }

  #enter(state: SupervisorState, reason?: string): void {
    this.#state = state;
    if (state !== "connecting") this.#logChange(state, reason);
    this.emit("state", state);
  }

  /** Logs each state and each reason once, and not at every attempt. */
  #logChange(state: SupervisorState, reason: string | undefined): void {
    this.#reason = reason;
    const line = `${state} ${reason}`;
    if (line === this.#lastLogged) return;
    this.#lastLogged = line;
    const { logger, purpose } = this.#options;
    logger.log(reason ? "warn" : "info", `rabbitmq ${state}`, { reason, purpose });
  }
}

/** Of several addresses that were tried none is named in the message. */
function messageOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
}
