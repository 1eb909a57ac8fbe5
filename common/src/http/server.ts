import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, maxHeaderSize, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Express } from "express";
import { badRequest } from "./errors/errors.js";
import { Problem, problemDocument, problemMediaType } from "./errors/problem.js";
import { expressClasses } from "./fast_path/express_classes.js";

const defaultTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Node's default of 30 s would add as much to each timeout.
  connectionsCheckingInterval: 1_000,
};

/** The last response of each socket, and the one before it while that is unfinished (pipelining). */
const responses = new WeakMap<Socket, { last: ServerResponse; previous: ServerResponse | undefined }>();

/** Listens on `port` (0: any free one) on all addresses. Rejects if the port is taken. Times in milliseconds. */
export async function listen(app: Express, port: number, timeouts = defaultTimeouts): Promise<Server> {
  const options = { ...timeouts, keepAliveTimeout: 65_000, requireHostHeader: false };
  const server = createServer({ ...options, ...expressClasses(app) });
  // No limit but the 16 KiB of a head: Node would drop headers beyond 2,000, a second Host among them.
  server.maxHeadersCount = 0;
  server.on("request", (req, res) => {
    const previous = responses.get(req.socket)?.last;
    // A finished one is dropped: what survives a garbage collection slows the next ones down.
    responses.set(req.socket, { last: res, previous: previous?.writableFinished ? undefined : previous });
  });
  server.on("request", app);
  // `Expect` is answered like any other request: Node would send a bare 417 of its own.
  server.on("checkExpectation", (req, res) => server.emit("request", req, res));
  server.on("clientError", answerClientError);
  // No host: `::`, which takes IPv4 too, or 0.0.0.0 where there is no IPv6.
  server.listen(port);
  await once(server, "listening");
  return server;
}

export function listeningPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return address.port;
}

/** Takes no more requests and resolves when those under way are answered, or cut off after `ms` milliseconds. */
export async function stopServer(server: Server, ms = 6_000): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), ms);
  // Repeated, since a connection that was busy when the server closed becomes idle as its response ends.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(timer);
  clearInterval(sweep);
}

export const headersTooLarge = () => new Problem(431, `The head of the request is larger than ${maxHeaderSize} bytes.`);
export const requestTimeout = () => new Problem(408, "The request took too long to arrive.");

const problems = new Map([
  ["HPE_HEADER_OVERFLOW", headersTooLarge],
  ["ERR_HTTP_REQUEST_TIMEOUT", requestTimeout],
]);
/** How long a client that was refused may take to read why: it need not close its side, and would hold the socket. */
const lingerMs = 1_000;

/** Answers what Node's parser refuses: before there is a request, or in the middle of its body. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return;
  const { last, previous } = responses.get(socket) ?? {};
  // The request that fails is the last one while its body arrives, otherwise the next one.
  const isInBody = last?.req.complete === false;
  const responseBefore = isInBody ? previous : last;
  // Responses go out in the order of requests: this one would be taken for that of an earlier request.
  if (responseBefore?.writableFinished === false || (isInBody && last.headersSent)) return void socket.destroySoon();
  const problem = problems.get(error.code ?? "")?.() ?? badRequest();
  const document = problemDocument(problem, "/", randomUUID());
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${document.status} ${document.title}\r\nConnection: close\r\nContent-Type: ${problemMediaType}\r\n` +
      `X-Request-Id: ${document.request_id}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
