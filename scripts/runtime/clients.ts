import { splitAmqpUrls } from "@order-flow/common/config/variables.js";
import { withTimeout } from "@order-flow/common/util/timeout.js";
import { type ChannelModel, connect } from "amqplib";
import { MongoClient } from "mongodb";

const patienceMs = 2_000;

/** A broker on a port of this machine, with the login that RabbitMQ has by itself. */
export const localBrokerUrl = (port: number): string => `amqp://guest:guest@localhost:${port}`;

/** Connects to the first that answers of a broker's URLs, separated by commas. */
export async function connectToBroker(urls: string, timeout = patienceMs): Promise<ChannelModel> {
  const [url = "", ...others] = splitAmqpUrls(urls);
  const connection = connect(url, { timeout });
  return others.length === 0 ? connection : connection.catch(() => connectToBroker(others.join(","), timeout));
}

/** Whether a broker at one of the URLs takes the whole AMQP handshake. */
export async function brokerAnswers(urls: string): Promise<boolean> {
  try {
    const connection = await connectToBroker(urls);
    // A broker that goes away now is seen by the next who asks.
    connection.on("error", () => {});
    await withTimeout(connection.close(), patienceMs, "closing");
    return true;
  } catch {
    return false;
  }
}

/** Whether an HTTP server at the URL responds with 2xx. */
export async function httpAnswers(url: string): Promise<boolean> {
  const tooLong = new AbortController();
  // AbortSignal.timeout does not keep this process running: it would end in the middle of waiting for a container.
  const timer = setTimeout(() => tooLong.abort(), 3_000);
  try {
    const response = await fetch(url, { signal: tooLong.signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a MongoDB server at the URI answers a ping. */
export async function databaseAnswers(uri: string): Promise<boolean> {
  const timeouts = { serverSelectionTimeoutMS: 500, connectTimeoutMS: patienceMs, socketTimeoutMS: patienceMs };
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(uri, timeouts);
    await client.db("admin").command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client?.close();
  }
}
