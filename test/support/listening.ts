import { once } from "node:events";
import type { Server } from "node:net";
import { listen, listeningPort, stopServer } from "@order-flow/common/http/server.js";
import { afterAll } from "./cleanup.js";

/** Listens on a free port and returns it. */
export async function listenLocally(server: Server, host = "127.0.0.1"): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Serves an app as a service does, on a free port and until the tests are over. */
export async function serve(app: Parameters<typeof listen>[0], timeouts?: Parameters<typeof listen>[2]) {
  const server = await listen(app, 0, timeouts);
  afterAll(() => stopServer(server, 0));
  const port = listeningPort(server);
  return { server, port, url: `http://127.0.0.1:${port}` };
}
