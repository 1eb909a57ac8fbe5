import type { Channel, ChannelModel } from "amqplib";
import type { Logger } from "winston";

const codes = { accessRefused: 403, resourceLocked: 405, preconditionFailed: 406 };

/** The queue for messages that can't be parsed. */
export const deadLetterQueue = (queue: string): string => `${queue}.dlq`;

/** Makes sure that the durable `queue` exists. Its arguments are the operator's choice, but unsafe ones are an error. */
export async function ensureQueue(connection: ChannelModel, queue: string, logger: Logger): Promise<void> {
  const args = await declareAndReadArguments(connection, queue);
  if (!args) return void logger.warn("the queue exists, and may not be declared by this user", { queue });
  const unsafe = unsafeArgument(args);
  if (unsafe) throw new Error(`the queue ${queue} would lose messages: it was declared with ${unsafe}`);
  if (Object.keys(args).length > 0)
    logger.warn("the queue was declared with other arguments; it is used as it is", { queue, arguments: args });
}

/** Makes sure that the durable topic `exchange` exists. One that this user may not declare is used as it is. */
export async function ensureExchange(connection: ChannelModel, exchange: string): Promise<void> {
  const error = await refusalOf(connection, (channel) => channel.assertExchange(exchange, "topic"));
  if (error?.code === codes.accessRefused) await withChannel(connection, (channel) => channel.checkExchange(exchange));
  else if (error) throw error;
}

type Arguments = Readonly<Record<string, unknown>>;

/** A queue drops messages beyond these limits, unless its argument `safeguard` starts with `prefix`. A limit of -1 is none. */
const limits = [
  { limit: "x-max-length", safeguard: "x-overflow", prefix: "reject-publish" },
  { limit: "x-max-length-bytes", safeguard: "x-overflow", prefix: "reject-publish" },
  { limit: "x-delivery-limit", safeguard: "x-dead-letter-exchange", prefix: "" },
];

/** The argument that makes a queue drop messages that it has confirmed. */
function unsafeArgument(args: Arguments): string | undefined {
  if (args["x-queue-type"] === "stream") return "x-queue-type stream";
  const names = ["durable", "auto_delete", "exclusive", "x-message-ttl", "x-expires"];
  const name = names.find((candidate) => candidate in args);
  if (name) return `${name} ${args[name]}`;
  const startsWith = (value: unknown, start: string) => typeof value === "string" && value.startsWith(start);
  const unsafe = limits.find((each) => Number(args[each.limit]) >= 0 && !startsWith(args[each.safeguard], each.prefix));
  return unsafe && `${unsafe.limit} ${args[unsafe.limit]} and without ${unsafe.safeguard} ${unsafe.prefix}`.trimEnd();
}

/**
 * Declares the durable `queue`, and returns its arguments, or undefined if the user may not declare it. AMQP can't read
 * them, but each 406 names one that differs, which the next attempt has: `{}`, then `{ "x-queue-type": "quorum" }`, …
 */
async function declareAndReadArguments(connection: ChannelModel, queue: string): Promise<Arguments | undefined> {
  let known: Arguments = {};
  for (;;) {
    const error = await tryDeclare(connection, queue, known);
    if (error?.code === codes.accessRefused) {
      await withChannel(connection, (channel) => channel.checkQueue(queue));
      return undefined;
    }
    if (error?.code === codes.resourceLocked) return { exclusive: true };
    const difference = error ? parseDifference(error) : await findDefaultStreamType(connection, queue, known);
    if (!difference && error) throw error;
    if (!difference) return known;
    const { name, value } = difference;
    // Flags such as durable are no arguments, and a truncated value can't be sent.
    const isRepeatable = name.startsWith("x-") && value !== undefined && value !== known[name];
    // The next attempt creates the queue if it was deleted meanwhile, so it has the safeguard of each limit.
    const found = limits.find(({ limit }) => limit === name);
    known = { ...(found && { [found.safeguard]: found.prefix }), ...known, [name]: value };
    if (!isRepeatable || unsafeArgument(known)) return known;
  }
}

/** Where stream is the virtual host's default type, the broker accepts a declaration without a type. */
async function findDefaultStreamType(connection: ChannelModel, queue: string, args: Arguments) {
  if ("x-queue-type" in args) return undefined;
  const error = await tryDeclare(connection, queue, { ...args, "x-queue-type": "classic" });
  const difference = error && parseDifference(error);
  return difference?.value === "stream" ? difference : undefined;
}

const tryDeclare = (connection: ChannelModel, queue: string, args: Arguments) =>
  refusalOf(connection, (channel) => channel.assertQueue(queue, { durable: true, arguments: args }));

const refusals: readonly unknown[] = Object.values(codes);

/** Returns the error by which the broker refuses to declare something. */
async function refusalOf(connection: ChannelModel, declare: (channel: Channel) => Promise<unknown>) {
  try {
    await withChannel(connection, declare);
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && refusals.includes(error.code)) return error;
    throw error;
  }
}

/** Parses the text of a 406 into the argument that differs and the queue's value, which is undefined if truncated. */
function parseDifference({ message }: Error): { readonly name: string; readonly value: unknown } | undefined {
  // … inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received none but current is the value '5' of type 'long'
  const name = /inequivalent arg '([^']+)'/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const [, text, type = ""] = / but current is (?:the value )?'(.*?)'(?: of type '(\w+)')?"?$/.exec(message) ?? [];
  if (/^(byte|short|signedint|long|unsigned\w*)$/.test(type)) return { name, value: Number(text) };
  return { name, value: type === "bool" ? text === "true" : text };
}

/** Runs `work` on a channel of its own, because the broker closes a channel on which it refuses something. */
export async function withChannel<T>(connection: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  // The refused call rejects with the same error.
  channel.on("error", () => {});
  const result = await work(channel);
  await channel.close();
  return result;
}
