import { withTimeout } from "@order-flow/common/util/timeout.js";
import { type RawAnswer, RawConnection } from "../support/raw_http.js";

/** Bytes for a socket. `cut`: the client then ends its side, whatever the server still waits for. */
export interface RawRequest {
  readonly bytes: Buffer;
  readonly cut?: boolean;
}

/** Sends the bytes as they are and returns the answer when the server has closed the connection. */
export async function exchange(url: string, { bytes, cut }: RawRequest, deadlineMs = 60_000): Promise<RawAnswer> {
  const connection = await RawConnection.open(url);
  connection.send(bytes);
  if (cut) connection.socket.end();
  try {
    return await withTimeout(connection.answer(), deadlineMs, "the answer");
  } finally {
    connection.socket.destroy();
  }
}
