import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Answer, parseBody } from "./http.js";
import { keepPasswords } from "./kept_logs.js";

/** An answer as it came through the socket. */
export interface RawAnswer extends Answer {
  /** The body as it came. */
  readonly text: string;
  /** The statuses of the interim answers before it: 100 where the body was asked for. */
  readonly interim: readonly number[];
  /** All that came through the socket. */
  readonly received: string;
}

/** A connection over which anything can be sent: what no HTTP client would. */
export class RawConnection {
  readonly socket: Socket;
  readonly #received: Promise<Buffer>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#received = buffer(socket);
    // A reset is told by `answer`.
    this.#received.catch(() => {});
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  send(bytes: string | Uint8Array): void {
    keepPasswords(bytes);
    this.socket.write(bytes);
  }

  /** The first answer, when the server has ended the connection. */
  async answer(): Promise<RawAnswer> {
    const received = (await this.#received).toString("latin1");
    return { ...parseAnswer(received), received };
  }
}

/** Sends bytes as they are, over a connection of its own, and returns the answer when the server has ended it. */
export async function sendRaw(url: string, ...bytes: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  const connection = await RawConnection.open(url);
  for (const part of bytes) connection.send(part);
  return connection.answer();
}

/** The head of a request after which the server ends the connection. */
export const head = (...lines: readonly string[]): string => `${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`;

/** Reads what came through a socket: the first final answer in it. */
function parseAnswer(text: string, interim: readonly number[] = []): Omit<RawAnswer, "received"> {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`no answer: ${JSON.stringify(text)}`);
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const rest = Buffer.from(text.slice(end + 4), "latin1").toString();
  if (status < 200) return parseAnswer(text.slice(end + 4), [...interim, status]);
  const headers = new Headers(lines.map((line): [string, string] => [before(line, ":"), after(line, ":")]));
  return { status, headers, body: parseBody(headers, rest), text: rest, interim };
}

const before = (line: string, mark: string): string => line.slice(0, line.indexOf(mark));
const after = (line: string, mark: string): string => line.slice(line.indexOf(mark) + 1).trim();
