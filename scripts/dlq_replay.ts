import type { ConfirmChannel, GetMessage } from "amqplib";
import { eachDeadLetter, ordersQueue } from "./stack/dead_letters.js";
import { main } from "./stack/main.js";

/** Publishes the message as it first came, and takes it off only when the broker has confirmed that. */
async function putBack(message: GetMessage, channel: ConfirmChannel): Promise<void> {
  const { headers = {}, ...properties } = message.properties;
  const original = Object.entries(headers).filter(([name]) => !name.startsWith("x-dead-letter-"));
  const options = { ...properties, headers: Object.fromEntries(original), persistent: true, mandatory: true };
  let returned = false;
  const onReturn = () => {
    returned = true;
  };
  channel.once("return", onReturn);
  channel.sendToQueue(ordersQueue, message.content, options);
  await channel.waitForConfirms();
  channel.off("return", onReturn);
  if (returned) throw new Error(`${ordersQueue} does not exist; nothing more is put back`);
  channel.ack(message);
}

async function replay(): Promise<void> {
  const count = await eachDeadLetter(putBack);
  console.log(`${count} messages are back in ${ordersQueue}`);
}

await main(replay);
