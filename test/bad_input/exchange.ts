import { connect } from "node:net";
import { within } from "@order-flow/common/time/deadline.js";

/** Bytes for a socket. `cut`: the client then ends its side, whatever the server still waits for. */
export interface RawRequest {
  readonly bytes: Buffer;
  readonly cut?: boolean;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** All that came through the socket. */
  readonly text: string;
}

/** Sends the bytes as they are and returns what came back until the server closed the connection. */
export async function exchange(url: string, { bytes, cut }: RawRequest, deadlineMs = 15_000): Promise<RawAnswer> {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", resolve);
    socket.on("error", reject);
  });
  socket.write(bytes);
  if (cut) socket.end();
  try {
    await within(deadlineMs, "the answer", closed);
  } finally {
    socket.destroy();
  }
  return parse(Buffer.concat(chunks).toString("latin1"));
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(":")),
    line.replace(/^[^:]*: */, ""),
  ]);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]),
    headers: new Headers(headers),
    body: Buffer.from(text.slice(end + 4), "latin1").toString(),
    text,
  };
}
