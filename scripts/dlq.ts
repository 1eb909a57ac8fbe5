import { eachDeadLetter, ordersQueue } from "./stack/dead_letters.js";
import { main } from "./stack/main.js";

async function list(): Promise<void> {
  const count = await eachDeadLetter(({ properties: { headers = {}, messageId } }) => {
    const seconds = Math.round((Date.now() - Date.parse(String(headers["x-dead-letter-time"]))) / 1_000);
    console.log(
      `${String(messageId).padEnd(36)}  ${`${seconds} s`.padStart(10)}  ${String(headers["x-dead-letter-reason"])}`,
    );
  });
  console.log(`${count} dead letters of ${ordersQueue}. Put all of them back: make dlq-replay`);
}

await main(list);
