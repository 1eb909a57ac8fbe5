import { join } from "node:path";
import { ConfigError } from "@order-flow/common/config/config_error.js";
import { readEnvFile } from "@order-flow/common/config/env_file.js";
import { servicePorts } from "@order-flow/common/config/variables.js";
import { root } from "../runtime/paths.js";
import { UserError } from "../runtime/user_error.js";

/** Host ports that `make up` and the compose file use: they never reach a service. */
export const hostPorts = {
  USERS_PORT: servicePorts.user_service,
  ORDERS_PORT: servicePorts.orders_service,
  NOTIFICATIONS_PORT: servicePorts.notifications_service,
  RABBITMQ_PORT: 5672,
  RABBITMQ_MANAGEMENT_PORT: 15_672,
  MONGODB_PORT: 27017,
  USERS_DEBUG_PORT: 9231,
  ORDERS_DEBUG_PORT: 9232,
  NOTIFICATIONS_DEBUG_PORT: 9233,
} as const;

export type PortVariable = keyof typeof hostPorts;

const values: Readonly<Record<string, string | undefined>> = { ...rootEnvFile(), ...process.env };

/** A variable of the environment, else of the root's `.env`; an empty one counts as absent. */
export function setting(name: string): string | undefined {
  return values[name] || undefined;
}

/** The host port that `make up` gives to one part of the system. */
export function portOf(variable: PortVariable): number {
  const text = setting(variable) ?? `${hostPorts[variable]}`;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UserError(`${variable} must be a port from 1 to 65535, and is "${text}"`);
  return port;
}

/** A setting that is a whole number. Throws a `UserError` for anything else, and for one that is out of range. */
export function wholeNumber(name: string, otherwise: number, least = 0, most = 999_999_999): number {
  const text = setting(name) ?? `${otherwise}`;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most)
    throw new UserError(`${name} must be a whole number from ${least} to ${most}, and is "${text}"`);
  return Number(text);
}

/** A setting that is one of two numbers. */
export function oneOf(name: string, choices: readonly [number, number], otherwise: number): number {
  const text = setting(name) ?? `${otherwise}`;
  const chosen = choices.find((choice) => `${choice}` === text);
  if (chosen === undefined) throw new UserError(`${name} must be ${choices.join(" or ")}, and is "${text}"`);
  return chosen;
}

/** The setting `brokers`: one, or the three of a cluster. */
export const brokerCount = (otherwise = 1): number => oneOf("brokers", [1, 3], otherwise);

function rootEnvFile(): Readonly<Record<string, string>> {
  try {
    return readEnvFile(join(root, ".env"));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // Modules are still loading: no caller could catch it.
    console.error(`✖ ${error.message}`);
    process.exit(1);
  }
}
