import { setTimeout as sleep } from "node:timers/promises";
import type { Express } from "express";
import type { Logger } from "winston";
import { ConfigError } from "../config/config_error.js";
import type { HttpConfig } from "../config/variables.js";
import { listen, listeningPort, stopServer } from "../http/server.js";
import { withTimeout } from "../util/timeout.js";

const stopDeadlineMs = 9_500;

/** Runs a service's `main`. What can't be started says why on standard error, and the exit code is 1. */
export async function startService(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(startFailure(error));
    process.exit(1);
  }
}

export function startFailure(error: unknown): unknown {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && "code" in error && "port" in error) {
    if (error.code === "EADDRINUSE") return `Port ${error.port} is taken; set PORT to another one.`;
    if (error.code === "EACCES") return `No permission to listen on port ${error.port}; set PORT to one above 1023.`;
  }
  return error;
}

/** The parts of a service that `runService` uses; it opens the port itself. */
export interface Service {
  readonly app: Express;
  /** Begins to connect, in the background. */
  start(): void;
  /** Finishes what is under way; no request comes in any more. */
  stop(): Promise<void>;
}

/** Serves `service` on `PORT`, until the process is told to stop. */
export async function runService(service: Service, config: HttpConfig & { PORT: number }, logger: Logger) {
  exitOnCrash(logger);
  // Loaded only if asked for: the SDK takes time and memory.
  const sdk = config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : await import("../tracing/sdk.js");
  const flushSpans = sdk?.startTracing(logger);
  const server = await listen(service.app, config.PORT);
  service.start();
  logger.info("listening", { port: listeningPort(server) });
  const stop = async () => {
    await stopServer(server);
    await service.stop();
    await flushSpans?.();
  };
  stopOnSignal(logger, async () => {
    // Load balancers keep sending requests until they have seen that `/ready` is 503.
    service.app.locals["stopping"] = true;
    await sleep(config.SHUTDOWN_DELAY_SECONDS * 1_000);
    await withTimeout(stop(), stopDeadlineMs, "stopping");
  });
}

/** On SIGTERM or SIGINT runs `stop` once, then exits: 0, or 1 if it failed. */
function stopOnSignal(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    logger.info("stopping", { signal });
    try {
      await stop();
      logger.info("stopped");
      exitWhenWritten(logger, 0);
    } catch (error) {
      logger.error("stopped in the middle", { error });
      exitWhenWritten(logger, 1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, onSignal);
}

/** A crash is one log line and exit code 1. */
function exitOnCrash(logger: Logger): void {
  let crashed = false;
  const onCrash = (message: string) => (error: unknown) => {
    if (crashed) process.exit(1);
    crashed = true;
    logger.error(message, { error });
    exitWhenWritten(logger, 1);
  };
  process.on("uncaughtException", onCrash("uncaught exception"));
  process.on("unhandledRejection", onCrash("unhandled rejection"));
}

/** Exits explicitly: a socket to a peer that no longer answers would keep the process for minutes. */
export function exitWhenWritten(logger: Logger, code: number): void {
  logger.on("finish", () => process.exit(code));
  logger.end();
}
