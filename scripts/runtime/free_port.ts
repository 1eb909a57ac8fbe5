import { randomInt } from "node:crypto";
import getPort, { portNumbers } from "get-port";

// Below the ports that a kernel gives to outgoing connections (from 32768 on Linux, 49152 on macOS): one of these could
// take a port before the service that it is meant for listens on it. Each process begins elsewhere.
const first = randomInt(10_000, 31_000);
const last = 32_000;

/** A port of this machine that is free, and that no other process of this project is likely to choose meanwhile. */
export const freePort = (): Promise<number> => getPort({ port: portNumbers(first, last) });
