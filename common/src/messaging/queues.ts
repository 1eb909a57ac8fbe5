import type { ChannelModel } from "amqplib";
import type { Logger } from "winston";

const preconditionFailed = 406;

/** The queue that messages which can't be read go to. */
export const deadLetterQueue = (queue: string): string => `${queue}.dlq`;

/**
 * Makes sure that the durable `queue` exists. One declared otherwise (as a quorum queue, say) is the operator's
 * choice: it is used as it is, with a warning. Each try has a channel of its own, since a refusal closes it.
 */
export async function ensureQueue(connection: ChannelModel, queue: string, logger: Logger): Promise<void> {
  try {
    // No argument but durable: any other would be refused by, or refuse, every client that declares it plainly.
    await onOwnChannel(connection, (channel) => channel.assertQueue(queue, { durable: true }));
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error;
    await onOwnChannel(connection, (channel) => channel.checkQueue(queue));
    logger.warn("the queue was declared with other arguments; it is used as it is", { queue });
  }
}

async function onOwnChannel<T>(
  connection: ChannelModel,
  work: (channel: Awaited<ReturnType<ChannelModel["createChannel"]>>) => Promise<T>,
): Promise<T> {
  const channel = await connection.createChannel();
  // The call that was refused rejects with the same error; without a listener the event would end the process.
  channel.on("error", () => {});
  const result = await work(channel);
  await channel.close();
  return result;
}

function isPreconditionFailed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === preconditionFailed;
}
