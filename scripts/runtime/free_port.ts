import getPort, { portNumbers } from "get-port";

const firstPort = 10_000;
const portsOfAProcess = 100;
// Below those that a kernel gives to outgoing connections (from 32768 on Linux, 49152 on macOS): one of
// these could take the port before the service that it is meant for listens on it.
const processes = 220;

/** A port of this machine that is free, and that no other process of this project chooses meanwhile. */
export function freePort(): Promise<number> {
  const first = firstPort + (process.pid % processes) * portsOfAProcess;
  return getPort({ port: portNumbers(first, first + portsOfAProcess - 1) });
}
