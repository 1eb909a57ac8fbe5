import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ownerOf } from "./port_owner.js";
import { UserError } from "./user_error.js";

/** Whether something listens on the port of this machine, on IPv4 or IPv6. */
export async function isTaken(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => answersOn(host, port)));
  return answers.includes(true) || !(await canListen(port));
}

/** Whether this machine has [::1]. */
export async function hasLoopback6(): Promise<boolean> {
  return canListen(0, "::1");
}

/** Throws a `UserError` that names the taken port, who has it, and the variable to set. */
export async function assertFree(port: number, variable: string): Promise<void> {
  // Of a replica, or of a node of the cluster.
  if (port > 65_535)
    throw new UserError(`Port ${port} would be needed, and ports end at 65535: set ${variable} to a lower one`);
  if (!(await isTaken(port))) return;
  const owner = await ownerOf(port);
  throw new UserError(
    `Port ${port} is taken${owner ? ` by ${owner}` : ""}: set ${variable} to a free one, such as ${variable}=${port + 100} make up`,
  );
}

async function answersOn(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    return await Promise.race([once(socket, "connect").then(() => true), sleep(1_000, false)]);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** On all addresses if `host` is left out: finds also what listens on another one only. */
async function canListen(port: number, host?: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host });
    await once(server, "listening");
    server.close();
    return true;
  } catch {
    return false;
  }
}
