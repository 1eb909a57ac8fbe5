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

for (const [what, rest] of [
  ["a body that breaks off", "POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno chunk size\r\n"],
  ["a whole request and nonsense", "GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n"],
] as const)
  test(`When a request that is not answered yet is followed by ${what}, then no 400 is taken for its answer`, async () => {
    const { held, slow } = await slowServer();
    const socket = connect({ port: slow.port });
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${rest}`);
    await once(socket, "close");
    assert.equal(received, "");
    held();
  });

/** Answers everything but `/slow`, which is answered when `held` is called. */
async function slowServer() {
  const waiting: express.Response[] = [];
  const app = express();
  app.use((req, res) => void (req.path === "/slow" ? waiting.push(res) : res.end("there")));
  return { slow: await serve(app), held: () => waiting.forEach((res) => void res.end("late")) };
}
