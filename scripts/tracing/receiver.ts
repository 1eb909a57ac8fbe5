import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { type Span, spansIn } from "./span.js";

/** Takes spans over OTLP/HTTP as JSON, which is what our services send. */
export function createReceiver(take: (spans: readonly Span[]) => void): Server {
  return createServer(async (req, res) => {
    try {
      take(spansIn(JSON.parse(await text(req))));
      res.setHeader("Content-Type", "application/json").end("{}");
    } catch (error) {
      res.writeHead(400).end(String(error));
    }
  });
}
