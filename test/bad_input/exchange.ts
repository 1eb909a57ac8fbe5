import { connect } from "node:net";
import { withTimeout } from "@order-flow/common/util/timeout.js";
import { keepPasswords } from "../support/kept_logs.js";
import { parseAnswer, type RawAnswer } from "../support/raw_http.js";

/** Bytes for a socket. `cut`: the client then ends its side, whatever the server still waits for. */
export interface RawRequest {
  readonly bytes: Buffer;
  readonly cut?: boolean;
}

export interface WholeAnswer extends RawAnswer {
  /** All that came through the socket. */
  readonly received: string;
}

/** Sends the bytes as they are and returns what came back until the server closed the connection. */
export async function exchange(url: string, { bytes, cut }: RawRequest, deadlineMs = 15_000): Promise<WholeAnswer> {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", resolve);
    socket.on("error", reject);
  });
  keepPasswords(bytes);
  socket.write(bytes);
  if (cut) socket.end();
  try {
    await withTimeout(closed, deadlineMs, "the answer");
  } finally {
    socket.destroy();
  }
  const received = Buffer.concat(chunks).toString("latin1");
  return { ...parseAnswer(received), received };
}
