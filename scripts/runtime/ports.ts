import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.js";

/** Whether something listens on the port of this machine, on IPv4 or IPv6. */
export async function isTaken(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => answersOn(host, port)));
  return answers.includes(true) || !(await canListen(port));
}

/** Throws a `Failure` that names the taken port and the variable to set. */
export async function assertFree(port: number, variable: string): Promise<void> {
  if (!(await isTaken(port))) return;
  throw new Failure(`Port ${port} is taken: set ${variable} to a free one, such as ${variable}=${port + 100} make up`);
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

/** Also finds what listens on another address of this machine only. */
async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, "listening");
    server.close();
    return true;
  } catch {
    return false;
  }
}
