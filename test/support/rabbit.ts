import type { TestContext } from "node:test";
import { RabbitConnectionManager, type RabbitState } from "@order-flow/common/rabbitmq/connection_manager.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { recordingLogger } from "./recording_logger.js";

type Options = Omit<ConstructorParameters<typeof RabbitConnectionManager>[0], "logger">;

/** A connection manager, started, with what it logs and the states it goes through. It is closed after the test. */
export function manage(t: TestContext, options: Options) {
  const { logger, lines } = recordingLogger();
  const manager = new RabbitConnectionManager({ ...options, logger });
  const states: RabbitState[] = [];
  manager.on("state", (state) => states.push(state));
  t.after(() => manager.close());
  manager.start();
  const connected = (deadlineMs = 15_000) =>
    waitUntil(() => manager.connection !== undefined, { what: "it is connected", deadlineMs });
  return { manager, states, lines, connected };
}
