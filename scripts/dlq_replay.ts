import type { ConfirmChannel, GetMessage } from "amqplib";
import { UserError } from "./runtime/user_error.js";
import { describeLetter, eachDeadLetter, ordersQueue } from "./stack/dead_letters.js";
import { main } from "./stack/main.js";
import { terminalText } from "./stack/terminal_text.js";

let replayed = 0;
let kept = 0;

/** Puts one message back; one that can't be is shown, and stays where it is. */
async function replayOne(message: GetMessage, channel: ConfirmChannel): Promise<boolean> {
  try {
    await putBack(message, channel);
    replayed += 1;
    return true;
  } catch (error) {
    if (error instanceof UserError) throw error;
    kept += 1;
    console.log(`${describeLetter(message).id} stays: ${terminalText(String(error))}`);
    return false;
  }
}

/** Publishes the message as it first came; resolves when the broker has confirmed that. */
async function putBack(message: GetMessage, channel: ConfirmChannel): Promise<void> {
  // A user id of somebody else is refused, and copies went out when it first came.
  const { headers = {}, userId: _userId, ...properties } = message.properties;
  const original = Object.entries(headers).filter(([name]) => !/^(x-dead-letter-.*|CC|BCC)$/.test(name));
  const options = { ...properties, headers: Object.fromEntries(original), persistent: true, mandatory: true };
  let returned = false;
  const onReturn = () => {
    returned = true;
  };
  channel.once("return", onReturn);
  try {
    channel.sendToQueue(ordersQueue, message.content, options);
    await channel.waitForConfirms();
  } finally {
    channel.off("return", onReturn);
  }
  if (returned) throw new UserError(`${ordersQueue} does not exist; nothing more is put back`);
}

async function replay(): Promise<void> {
  await eachDeadLetter(replayOne);
  console.log(`${replayed} messages are back in ${ordersQueue}; make dlq shows which were put aside again`);
  if (kept > 0) throw new UserError(`${kept} could not be put back, and are still dead letters`);
}

await main(replay);
