import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll } from "./cleanup.js";
import { listenLocally } from "./listening.js";

/** How the proxy treats what comes through: as a good network, or as one that swallows all, hangs up, or is slow. */
type Mode = "pass" | "swallow" | { readonly hangUpAfterBytes?: number; readonly delayMs?: number };

/** A TCP proxy in front of a server, for what a network does to a connection. It is closed when the tests are over. */
export class FaultProxy {
  mode: Mode = "pass";
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Listens on a free port in front of the server that `url` names; `url` of the result leads through the proxy. */
  static async inFrontOf(
    url: string,
    host = "127.0.0.1",
  ): Promise<{ readonly proxy: FaultProxy; readonly url: string }> {
    const target = new URL(url);
    const proxy = new FaultProxy(target.hostname, Number(target.port));
    afterAll(() => proxy.close());
    target.hostname = host;
    target.port = `${await listenLocally(proxy.#server, host)}`;
    return { proxy, url: target.href };
  }

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, host);
      this.#forward(client, server);
      this.#forward(server, client, true);
    });
  }

  /** Ends every connection at once, with a reset. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.reset();
  }

  #forward(from: Socket, to: Socket, fromServer = false): void {
    let bytes = 0;
    this.#sockets.add(from);
    from.on("data", (chunk) => {
      if (this.mode === "swallow") return;
      bytes += chunk.length;
      const { hangUpAfterBytes = Infinity, delayMs = 0 } = typeof this.mode === "object" ? this.mode : {};
      if (fromServer && bytes > hangUpAfterBytes) from.resetAndDestroy();
      else if (fromServer && delayMs > 0) setTimeout(() => to.write(chunk), delayMs);
      else to.write(chunk);
    });
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
