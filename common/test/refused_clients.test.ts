import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import express from "express";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { serve } from "../../test/support/listening.js";

const { server, port } = await serve(express().use((_req, res) => void res.end("there")));

/** A client that does not close its side when the server does. */
function client(bytes: string): Socket {
  const socket = connect({ port, allowHalfOpen: true });
  socket.on("error", () => {});
  socket.write(bytes);
  socket.resume();
  return socket;
}

const connections = () => promisify<number>((done) => server.getConnections(done))();

test("When a client that was refused keeps its side open, then it does not keep the connection", async () => {
  const socket = client("nonsense\r\n\r\n");
  await once(socket, "end");
  const gone = async () => (await connections()) === 0;
  await waitUntil(gone, { what: "the connection is gone", deadlineMs: 5_000 });

  assert.ok(!socket.writableEnded);
  socket.destroy();
});

test("When a body breaks off behind its answer, then there is no second answer", async () => {
  const socket = client("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const [answer] = await once(socket, "data");
  let more = "";
  socket.on("data", (chunk) => {
    more += chunk;
  });
  socket.write("no chunk size\r\n");
  await once(socket, "end");

  assert.match(String(answer), /^HTTP\/1\.1 200 OK/);
  assert.equal(more, "");
  socket.destroy();
});
