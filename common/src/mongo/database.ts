import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionString } from "mongodb-connection-string-url";
import { type Connection, createConnection, Error as MongooseError, mongo } from "mongoose";
import type { Logger } from "winston";
import { ConfigError } from "../config/config_error.js";
import { backoffDelayMs } from "../util/backoff.js";
import { TimeoutError, withTimeout } from "../util/timeout.js";
import { DatabaseUnavailableError } from "./database_unavailable_error.js";

/** How long a caller waits, however many operations its work makes. */
const timeoutMs = 2_500;
const backgroundTimeoutMs = 30_000;
/** Callers beyond this many fail fast, so that nothing piles up behind a frozen database. */
const maxConcurrent = 500;

interface DatabaseOptions {
  readonly uri: string;
  /** Used where the URI names no database. */
  readonly defaultName: string;
  readonly logger: Logger;
}

type QueryOptions = { readonly socketTimeoutMS: number; readonly signal?: AbortSignal };

/** A connection to MongoDB that fails fast: callers never wait long for a database that is away. */
export class Database {
  /** Models are made on this connection. */
  readonly connection: Connection;
  readonly #options: DatabaseOptions;
  readonly #stop = new AbortController();
  #wasReady = false;
  #reason = "not connected yet";
  #concurrent = 0;
  #connecting: Promise<void> | undefined;
  #probing: Promise<boolean> | undefined;

  /** Throws a `ConfigError` if the driver can't read the URI: trying again would not help. */
  constructor(options: DatabaseOptions) {
    try {
      this.#options = { ...options, uri: withoutReadPreference(options.uri) };
      new mongo.MongoClient(this.#options.uri);
    } catch (error) {
      throw new ConfigError(`MONGODB_URI can't be used: ${error instanceof Error ? error.message : error}`);
    }
    this.connection = createConnection();
  }

  /** Begins to connect in the background, and retries until the models' indexes are built. */
  start(): void {
    this.#connecting ??= this.#connect();
  }

  /** Returns what `work` resolves to. After a `DatabaseUnavailableError` the work may have been done all the same. */
  async run<T>(work: () => PromiseLike<T>): Promise<T> {
    if (this.#concurrent >= maxConcurrent)
      throw new DatabaseUnavailableError("Too many requests wait for the database.");
    this.#concurrent += 1;
    try {
      return await this.#guard(timeoutMs, work);
    } finally {
      // Release on timeout: calls interrupted by a crash may never settle.
      this.#concurrent -= 1;
    }
  }

  /** Like `run`, but no client waits: `work` may take 30 s, given `options` for its queries, and counts as no caller. */
  async runInBackground<T>(work: (options: QueryOptions) => PromiseLike<T>, signal?: AbortSignal): Promise<T> {
    const options = { socketTimeoutMS: backgroundTimeoutMs, ...(signal && { signal }) };
    return this.#guard(backgroundTimeoutMs, () => work(options));
  }

  /** Why the database did not answer when it last failed to. */
  get reason(): string {
    return this.#reason;
  }

  /** Creates the indexes, in case a dropped collection took them with it, and returns whether the database answers. */
  probe(): Promise<boolean> {
    // Shared: `/ready` is open to all, and has no rate limit.
    this.#probing ??= this.#probeOnce().finally(() => (this.#probing = undefined));
    return this.#probing;
  }

  /** Closes the connection; work under way must have finished before. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connecting;
    await withTimeout(this.connection.close(true), timeoutMs, "closing").catch(() => {});
  }

  async #guard<T>(ms: number, work: () => PromiseLike<T>): Promise<T> {
    if (!this.#wasReady) throw new DatabaseUnavailableError("The database has not been reachable yet.");
    try {
      return await withTimeout(work(), ms, "the database");
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#reason = redacted(error);
      this.#options.logger.warn("mongodb did not answer", { reason: this.#reason });
      throw new DatabaseUnavailableError("The database did not answer.");
    }
  }

  async #probeOnce(): Promise<boolean> {
    try {
      // `run` would fail while there are many callers, and the database is not down.
      await this.#guard(timeoutMs, () => this.#createIndexes());
      return true;
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) this.#reason = redacted(error);
      return false;
    }
  }

  async #createIndexes(): Promise<void> {
    for (const model of Object.values(this.connection.models)) await model.createIndexes();
  }

  async #connect(): Promise<void> {
    const { uri, defaultName, logger } = this.#options;
    const dbName = new ConnectionString(uri).pathname.length > 1 ? {} : { dbName: defaultName };
    let opened = false;
    for (let failures = 1; !this.#stop.signal.aborted; failures += 1) {
      try {
        // Only once: the driver finds a server that was lost later by itself.
        if (!opened) await this.connection.openUri(uri, { ...connectOptions, ...dbName });
        opened = true;
        // Before the first write.
        await this.#createIndexes();
        this.#wasReady = true;
        logger.info("mongodb up");
        return;
      } catch (error) {
        const reason = redacted(error);
        if (reason !== this.#reason) logger.warn("mongodb is not ready yet", { reason });
        this.#reason = reason;
        const delayMs = backoffDelayMs(failures, { baseMs: 200, maxMs: 2_000 });
        await sleep(delayMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }
}

/** Together these bound a call on a frozen database, which hangs for minutes by default; `run` has the last word. */
const connectOptions = {
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 2_500,
  waitQueueTimeoutMS: 2_000,
  retryReads: false,
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  writeConcern: { w: "majority", journal: true },
} as const;

/** Every read here decides something, and a secondary may lag behind the write that it has to see. */
function withoutReadPreference(uri: string): string {
  const parsed = new ConnectionString(uri);
  for (const option of ["readPreference", "readPreferenceTags", "maxStalenessSeconds"])
    parsed.searchParams.delete(option);
  return parsed.href;
}

/** The text of an error, without values that violate a unique index, such as email addresses: `/ready` is open to all. */
const redacted = (error: unknown): string => String(error).replace(/ dup key: .*/s, "");

const outages = [
  TimeoutError,
  MongooseError.MongooseServerSelectionError,
  mongo.MongoNetworkError,
  mongo.MongoNotConnectedError,
  mongo.MongoSystemError,
  mongo.MongoTopologyClosedError,
  mongo.MongoWriteConcernError,
] as const;

/** A member that is no longer primary or shuts down. Servers label these errors only on writes that a driver may retry. */
const stateChangeCodes: readonly unknown[] = [91, 189, 10_107, 11_600, 11_602, 13_435, 13_436];

function isOutage(error: unknown): boolean {
  if (outages.some((outage) => error instanceof outage) || isSocketError(error)) return true;
  if (!(error instanceof mongo.MongoError)) return false;
  // A bulk write wraps what interrupted it, without a code, and a write concern that was not met.
  if (error instanceof mongo.MongoBulkWriteError && (error.code === undefined || error.result.getWriteConcernError()))
    return true;
  if (stateChangeCodes.includes(error.code) || error.hasErrorLabel("RetryableWriteError")) return true;
  // The class is not exported.
  return error.name === "MongoWaitQueueTimeoutError";
}

/** The driver hands an EPIPE or ERR_STREAM_DESTROYED of its socket on as it is: what was sent as the server died. */
const isSocketError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^(E(?!RR_)[A-Z]+|ERR_STREAM_DESTROYED)$/.test(String(error.code));

export const isDuplicateKey = (error: unknown): error is mongo.MongoServerError =>
  error instanceof mongo.MongoServerError && error.code === 11_000;
