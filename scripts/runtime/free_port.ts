import { randomInt } from "node:crypto";
import getPort, { portNumbers } from "get-port";

// Below the ports that a kernel gives to outgoing connections (from 32768 on Linux, 49152 on macOS): one of these could
// take a port before the service that it is meant for listens on it. Above 10080, which fetch refuses to call. Each process
// begins elsewhere.
let next = randomInt(10_081, 31_000);
const last = 32_000;

/** A port of this machine that is free. No port twice: what had it may be down, and come back. */
export async function freePort(): Promise<number> {
  const port = await getPort({ port: portNumbers(next, last) });
  next = Math.max(next, port + 1);
  return port;
}
