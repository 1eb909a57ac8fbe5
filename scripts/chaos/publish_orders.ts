import { randomUUID } from "node:crypto";
import { connect } from "amqplib";

/** Puts so many messages of orders that nobody has placed into a queue, confirmed, and returns the orders' ids. */
export async function publishOrders(url: string, queue: string, count: number): Promise<readonly string[]> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    channel.sendToQueue(queue, Buffer.from(JSON.stringify({ order_id: id })), { persistent: true });
    if (index % 1_000 === 0) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await connection.close();
  return ids;
}
