import { messagingAttributes } from "@order-flow/common/tracing/messaging.js";
import { failSpan, startSpan, traceIdOf, traceparentOf } from "@order-flow/common/tracing/spans.js";
import type { ConsumeMessage } from "amqplib";

export const outcomes = ["printed", "duplicate", "dead_lettered"] as const;

export type Outcome = (typeof outcomes)[number];

/** From the delivery of a message to its ack, as a part of the trace that published it: one span for each delivery. */
export type ProcessSpan = ReturnType<typeof startProcessSpan>;

export function startProcessSpan({ fields, properties }: ConsumeMessage) {
  const { routingKey, redelivered, deliveryTag } = fields;
  const parent: unknown = properties.headers?.["traceparent"];
  const span = startSpan(`process ${routingKey}`, {
    kind: "CONSUMER",
    parent: typeof parent === "string" ? parent : undefined,
    attributes: {
      ...messagingAttributes("process", routingKey, properties),
      "messaging.rabbitmq.message.delivery_tag": deliveryTag,
      "order_flow.redelivered": redelivered,
    },
  });
  const traceparent = traceparentOf(span);
  const end = (outcome: Outcome) => {
    span.setAttribute("order_flow.outcome", outcome);
    if (outcome === "dead_lettered") failSpan(span, outcome);
    span.end();
  };
  return { traceparent, traceId: traceIdOf(traceparent), end };
}
