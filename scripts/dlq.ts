import type { GetMessage } from "amqplib";
import { describeLetter, eachDeadLetter, ordersQueue } from "./stack/dead_letters.js";
import { main } from "./stack/main.js";

function show(message: GetMessage): boolean {
  const { id, seconds, reason } = describeLetter(message);
  console.log(`${id.padEnd(36)}  ${(seconds === undefined ? "-" : `${seconds} s`).padStart(10)}  ${reason}`);
  return false;
}

async function list(): Promise<void> {
  const count = await eachDeadLetter(show);
  if (count === 0) console.log(`No dead letters of ${ordersQueue}`);
  else console.log(`${count} dead letters of ${ordersQueue}. Put all of them back: make dlq-replay`);
}

await main(list);
