import { isUtf8 } from "node:buffer";
import { isObject, parseJson, RepeatedNameError } from "@order-flow/common/text/json.js";
import type { ConsumeMessage } from "amqplib";

/** The newest version of the message that is understood. */
const knownSchemaVersion = 1;

/** What a message says, or why it can't be read. */
export type Reading =
  | { readonly orderId: string; readonly requestId: string | undefined }
  | { readonly unreadable: string };

/** Reads a message of `orders_queue`, by whomever it was sent: only `order_id` must be there. */
export function readOrderCreated({ content, properties }: ConsumeMessage): Reading {
  const version: unknown = properties.headers?.["x-schema-version"];
  if (version !== undefined && !(typeof version === "number" && version <= knownSchemaVersion))
    return { unreadable: `x-schema-version is not ${knownSchemaVersion} or less` };
  if (!isUtf8(content)) return { unreadable: "the body is not UTF-8" };
  const body = parse(content.toString());
  if (body === repeated) return { unreadable: "the body has a member twice" };
  if (!isObject(body)) return { unreadable: "the body is not a JSON object" };
  const orderId = Object.hasOwn(body, "order_id") ? body["order_id"] : undefined;
  if (typeof orderId !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(orderId))
    return { unreadable: "order_id is not 1 to 64 of A-Z a-z 0-9 _ -" };
  const requestId: unknown = properties.correlationId;
  return { orderId, requestId: typeof requestId === "string" ? requestId : undefined };
}

const repeated = Symbol("repeated");

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    return error instanceof RepeatedNameError ? repeated : undefined;
  }
}
