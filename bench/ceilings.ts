import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { connect } from "amqplib";
import { bcryptRounds } from "./system.js";

const messagesInFlight = 256;
const body = Buffer.alloc(250, "x");

/** Hashes a second that bcryptjs makes on all cores, with nothing else to do. */
export async function bcryptCeiling(seconds: number): Promise<number> {
  const threads = Array.from({ length: availableParallelism() }, () => hashesPerSecond(seconds));
  return (await Promise.all(threads)).reduce((sum, rate) => sum + rate, 0);
}

function hashesPerSecond(seconds: number): Promise<number> {
  const workerData = { seconds, rounds: bcryptRounds };
  const worker = new Worker(new URL("./bcrypt_ceiling.js", import.meta.url), { workerData });
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

/** Persistent messages a second that the broker confirms to one connection, with no database and no HTTP. */
export async function publishCeiling(url: string, seconds: number): Promise<number> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue("bench_ceiling", { durable: true });
  const publish = () =>
    new Promise<void>((resolve, reject) => {
      channel.sendToQueue(queue, body, { persistent: true }, (error) => (error ? reject(error) : resolve()));
    });
  const [start, end] = [performance.now(), performance.now() + seconds * 1_000];
  let confirmed = 0;
  const publishOn = async () => {
    for (; performance.now() < end; confirmed += 1) await publish();
  };
  await Promise.all(Array.from({ length: messagesInFlight }, publishOn));
  const rate = (confirmed * 1_000) / (performance.now() - start);
  await channel.deleteQueue(queue);
  await connection.close();
  return rate;
}
