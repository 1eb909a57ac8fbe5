import type { ChannelModel, Options } from "amqplib";
import type { Logger } from "winston";

/** The queue that messages which can't be read go to. */
export const deadLetterQueue = (queue: string): string => `${queue}.dlq`;

/** A queue that would not keep the messages which it confirms. */
export class UnsafeQueueError extends Error {
  override name = "UnsafeQueueError";
}

/**
 * Makes sure that the durable `queue` exists. One that was declared otherwise is the operator's choice: it is used as it
 * is, with a warning, where it keeps what it confirms. Throws an `UnsafeQueueError` that names the argument where not.
 */
export async function ensureQueue(connection: ChannelModel, queue: string, logger: Logger): Promise<void> {
  const declared = await declareQueue(connection, queue);
  if (declared === undefined) {
    logger.warn("the queue exists, and may not be declared by this user", { queue });
    return;
  }
  const reason = unsafeBecause(declared);
  if (reason) throw new UnsafeQueueError(`the queue ${queue} would lose messages: it was declared with ${reason}`);
  if (Object.keys(declared).length > 0)
    logger.warn("the queue was declared with other arguments; it is used as it is", { queue, arguments: declared });
}

type Arguments = Readonly<Record<string, unknown>>;

/** What makes a queue forget or drop messages that it has confirmed; undefined if nothing does. */
function unsafeBecause(declared: Arguments): string | undefined {
  const { "x-queue-type": type, "x-overflow": overflow } = declared;
  if (type === "stream") return "x-queue-type stream";
  const rejects = overflow === "reject-publish" || overflow === "reject-publish-dlx";
  const unsafe = ["durable", "auto_delete", "exclusive", "x-message-ttl", "x-expires"];
  const limits = rejects ? [] : ["x-max-length", "x-max-length-bytes"];
  const name = [...unsafe, ...limits].find((argument) => argument in declared);
  if (name === undefined) return undefined;
  return `${name} ${declared[name]}${name.startsWith("x-max") ? " and without x-overflow reject-publish" : ""}`;
}

/**
 * Declares `queue` durable and with no argument, which any other client agrees with. Returns how an existing queue
 * differs from that, or undefined if the user may not declare it. The broker names one difference at a time, so the queue
 * is declared again with all that it has named, until both agree.
 */
async function declareQueue(connection: ChannelModel, queue: string): Promise<Arguments | undefined> {
  const differences: Record<string, unknown> = {};
  for (;;) {
    const refusal = await refusalOf(connection, queue, { durable: true, arguments: differences });
    if (refusal?.code === accessRefused) {
      await onOwnChannel(connection, (channel) => channel.checkQueue(queue));
      return undefined;
    }
    if (refusal?.code === resourceLocked) return { exclusive: true };
    const difference = refusal ? differenceIn(refusal) : await unusualType(connection, queue, differences);
    if (!difference) return differences;
    const { name, value } = difference;
    const isNamedAgain = name in differences;
    differences[name] = value;
    // Asking again would not help: durable and the like are no arguments, and a value that is cut off can't be sent.
    if (isNamedAgain || value === undefined || !name.startsWith("x-")) return differences;
  }
}

/** The virtual host may have a default type, with which our plain declaration agrees: that is told to any other type. */
async function unusualType(connection: ChannelModel, queue: string, differences: Arguments) {
  if ("x-queue-type" in differences) return undefined;
  const classic = { ...differences, "x-queue-type": "classic" };
  const refusal = await refusalOf(connection, queue, { durable: true, arguments: classic });
  const difference = refusal && differenceIn(refusal);
  return difference?.value === "stream" ? difference : undefined;
}

interface Refusal extends Error {
  readonly code: number;
}

const [accessRefused, resourceLocked, preconditionFailed] = [403, 405, 406];

/** Declares the queue, on a channel of its own since a refusal closes that; returns the refusal, undefined if there is none. */
async function refusalOf(
  connection: ChannelModel,
  queue: string,
  options: Options.AssertQueue,
): Promise<Refusal | undefined> {
  try {
    await onOwnChannel(connection, (channel) => channel.assertQueue(queue, options));
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error &&
  "code" in error &&
  (error.code === accessRefused || error.code === resourceLocked || error.code === preconditionFailed);

/** Reads which argument is named in the text of a 406, and the value that the queue has; undefined where it is cut off. */
function differenceIn({ message }: Error): { readonly name: string; readonly value: unknown } | undefined {
  const name = /inequivalent arg '([^']+)'/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const [, text, type = ""] = / but current is (?:the value )?'(.*?)'(?: of type '(\w+)')?"?$/.exec(message) ?? [];
  if (/^(byte|short|signedint|long|unsigned\w*)$/.test(type)) return { name, value: Number(text) };
  return { name, value: type === "bool" ? text === "true" : text };
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
