import type { Channel, ChannelModel } from "amqplib";
import type { Logger } from "winston";

/** The queue for messages that can't be parsed. */
export const deadLetterQueue = (queue: string): string => `${queue}.dlq`;

/** Makes sure that the durable `queue` exists. Its arguments are the operator's choice, but unsafe ones are an error. */
export async function ensureQueue(amqp: ChannelModel, queue: string, logger: Logger): Promise<void> {
  const differences = await declareQueue(amqp, queue);
  if (differences === undefined) {
    logger.warn("the queue exists, and may not be declared by this user", { queue });
    return;
  }
  const unsafe = unsafeArgument(differences);
  if (unsafe) throw new Error(`the queue ${queue} would lose messages: it was declared with ${unsafe}`);
  if (Object.keys(differences).length > 0)
    logger.warn("the queue was declared with other arguments; it is used as it is", { queue, arguments: differences });
}

/** Makes sure that the durable topic `exchange` exists. One that this user may not declare is used as it is. */
export async function ensureExchange(amqp: ChannelModel, exchange: string): Promise<void> {
  const error = await refusalOf(amqp, (channel) => channel.assertExchange(exchange, "topic"));
  if (error?.code === accessRefused) await withChannel(amqp, (channel) => channel.checkExchange(exchange));
  else if (error) throw error;
}

type Arguments = Readonly<Record<string, unknown>>;

const refusesBeyondLimit = { "x-overflow": "reject-publish" };

/** The argument that makes a queue drop messages that it has confirmed. */
function unsafeArgument(args: Arguments): string | undefined {
  if (args["x-queue-type"] === "stream") return "x-queue-type stream";
  const names = ["durable", "auto_delete", "exclusive", "x-message-ttl", "x-expires"];
  const name = names.find((candidate) => candidate in args);
  if (name) return `${name} ${args[name]}`;
  if (/^reject-publish/.test(String(args["x-overflow"]))) return undefined;
  const limit = limitOf(args);
  return limit && `${limit} ${args[limit]} and without x-overflow reject-publish`;
}

const limitOf = (args: Arguments) => ["x-max-length", "x-max-length-bytes"].find((candidate) => candidate in args);

/** Declares the durable `queue`. Returns how an existing one differs, or undefined if the user may not declare it. */
async function declareQueue(amqp: ChannelModel, queue: string): Promise<Arguments | undefined> {
  // The broker names one difference at a time, so each is added to the next declaration until both agree.
  const differences: Record<string, unknown> = {};
  for (;;) {
    // Whoever declared the queue may delete it meanwhile: what this declares must be safe.
    const args = limitOf(differences) ? { ...refusesBeyondLimit, ...differences } : differences;
    const error = await tryDeclare(amqp, queue, args);
    if (error?.code === accessRefused) {
      await withChannel(amqp, (channel) => channel.checkQueue(queue));
      return undefined;
    }
    if (error?.code === resourceLocked) return { exclusive: true };
    const difference = error ? parseDifference(error) : await defaultTypeIsStream(amqp, queue, args);
    if (!difference && error) throw error;
    if (!difference) return args;
    const { name, value } = difference;
    const isRepeated = name in differences;
    differences[name] = value;
    if (unsafeArgument({ ...refusesBeyondLimit, ...differences })) return differences;
    // Flags such as durable are no arguments, and a truncated value can't be sent.
    if (isRepeated || value === undefined || !name.startsWith("x-")) return differences;
  }
}

/** Where stream is the virtual host's default type, the broker accepts a declaration without a type. */
async function defaultTypeIsStream(amqp: ChannelModel, queue: string, args: Arguments) {
  if ("x-queue-type" in args) return undefined;
  const error = await tryDeclare(amqp, queue, { ...args, "x-queue-type": "classic" });
  const difference = error && parseDifference(error);
  return difference?.value === "stream" ? difference : undefined;
}

const tryDeclare = (amqp: ChannelModel, queue: string, args: Arguments) =>
  refusalOf(amqp, (channel) => channel.assertQueue(queue, { durable: true, arguments: args }));

const [accessRefused, resourceLocked, preconditionFailed] = [403, 405, 406];
const refusals: readonly unknown[] = [accessRefused, resourceLocked, preconditionFailed];

/** Returns the error by which the broker refuses to declare something. */
async function refusalOf(amqp: ChannelModel, declare: (channel: Channel) => Promise<unknown>) {
  try {
    await withChannel(amqp, declare);
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && refusals.includes(error.code)) return error;
    throw error;
  }
}

/** Parses the text of a 406 into the argument that differs and the queue's value, which is undefined if truncated. */
function parseDifference({ message }: Error): { readonly name: string; readonly value: unknown } | undefined {
  const name = /inequivalent arg '([^']+)'/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const [, text, type = ""] = / but current is (?:the value )?'(.*?)'(?: of type '(\w+)')?"?$/.exec(message) ?? [];
  if (/^(byte|short|signedint|long|unsigned\w*)$/.test(type)) return { name, value: Number(text) };
  return { name, value: type === "bool" ? text === "true" : text };
}

/** Runs `work` on a channel of its own, because the broker closes a channel on which it refuses something. */
export async function withChannel<T>(amqp: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await amqp.createChannel();
  // The refused call rejects with the same error.
  channel.on("error", () => {});
  const result = await work(channel);
  await channel.close();
  return result;
}
