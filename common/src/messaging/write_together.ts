import type { Writable } from "node:stream";

/**
 * From now on what is written to `stream` in one turn of the event loop leaves together, in the same order: a socket
 * sends it with one system call. amqplib writes each message and each ack by itself.
 */
export function writeTogether(stream: Writable): void {
  stream.write = new Proxy(stream.write, {
    apply(write, _stream, args) {
      if (stream.writableCorked === 0) {
        stream.cork();
        process.nextTick(() => stream.uncork());
      }
      return Reflect.apply(write, stream, args);
    },
  });
}
