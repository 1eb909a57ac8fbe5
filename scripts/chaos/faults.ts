import { setTimeout as sleep } from "node:timers/promises";
import type { ServerHandle } from "../runtime/handle.js";
import type { Fleet } from "./fleet.js";
import type { ServiceProcess } from "./service_process.js";

/** Something bad that happens, and is over when the promise resolves. */
export interface Fault {
  readonly name: string;
  happen(): Promise<void>;
}

/** Gives the next random number, from 0 to 1. */
type Dice = () => number;

/** Draws one fault, services more often than what they stand on; one time in eight two at once. */
export function drawFaults(fleet: Fleet, dice: Dice): readonly Fault[] {
  const first = drawFault(fleet, dice);
  if (dice() > 1 / 8) return [first];
  const second = drawFault(fleet, dice);
  return second.name === first.name ? [first] : [first, second];
}

function drawFault(fleet: Fleet, dice: Dice): Fault {
  const roll = dice();
  const pauseMs = 200 + dice() * 1_800;
  const one = (processes: readonly ServiceProcess[]) => processes[Math.floor(dice() * processes.length)];
  if (roll < 0.08) return serverFault("broker", fleet.broker, "kill", pauseMs);
  if (roll < 0.16) return serverFault("broker", fleet.broker, "freeze", pauseMs);
  if (roll < 0.24) return serverFault("database", fleet.database, "kill", pauseMs);
  if (roll < 0.32) return serverFault("database", fleet.database, "freeze", pauseMs);
  const target = one(roll < 0.66 ? fleet.orders : fleet.notifications);
  if (!target) throw new Error("a fleet without services");
  const kind = dice();
  if (kind < 0.7) return serviceFault(target, "kill", pauseMs);
  return serviceFault(target, kind < 0.85 ? "freeze" : "stop", pauseMs);
}

function serverFault(name: string, server: ServerHandle, kind: "kill" | "freeze", pauseMs: number): Fault {
  const happen = async () => {
    await server[kind]();
    await sleep(pauseMs);
    await (kind === "kill" ? server.start() : server.thaw());
  };
  return { name: `${name} ${kind}`, happen };
}

function serviceFault(service: ServiceProcess, kind: "kill" | "freeze" | "stop", pauseMs: number): Fault {
  const happen = async () => {
    await service[kind]();
    await sleep(pauseMs);
    await (kind === "freeze" ? service.thaw() : service.start());
  };
  return { name: `${service.name} ${kind}`, happen };
}
