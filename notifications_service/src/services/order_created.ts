import { isObject, parseJson, RepeatedNameError } from "@order-flow/common/text/json.js";
import type { ConsumeMessage } from "amqplib";

const maxSchemaVersion = 1;
/** Throws a TypeError for other bytes than UTF-8 (`fatal`). Skips a byte order mark, which some producers write. */
const decoder = new TextDecoder("utf-8", { fatal: true });

export interface OrderCreated {
  readonly orderId: string;
  readonly requestId: string | undefined;
  /** In milliseconds; NaN where another producer leaves it out. */
  readonly createdAt: number;
}

/** Parses a message of `orders_queue`, whoever sent it: only `order_id` is required. */
export function parseOrderCreated({ content, properties }: ConsumeMessage): OrderCreated | { readonly error: string } {
  const version: unknown = properties.headers?.["x-schema-version"];
  if (version !== undefined && !(typeof version === "number" && version <= maxSchemaVersion))
    return { error: `x-schema-version is not ${maxSchemaVersion} or less` };
  let body: unknown;
  try {
    body = parseJson(decoder.decode(content));
  } catch (error) {
    if (error instanceof TypeError) return { error: "the body is not UTF-8" };
    if (error instanceof RepeatedNameError) return { error: "the body has a member twice" };
    return { error: "the body is not a JSON object" };
  }
  if (!isObject(body)) return { error: "the body is not a JSON object" };
  const orderId = body["order_id"];
  if (typeof orderId !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(orderId))
    return { error: "order_id is not 1 to 64 of A-Z a-z 0-9 _ -" };
  const requestId: unknown = properties.correlationId;
  const createdAt = typeof body["created_at"] === "string" ? Date.parse(body["created_at"]) : Number.NaN;
  return { orderId, requestId: typeof requestId === "string" ? requestId : undefined, createdAt };
}
