import type { Attributes } from "@opentelemetry/api";

interface MessageIds {
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** The attributes of a span that handles a message, by OpenTelemetry's conventions for RabbitMQ. */
export const messagingAttributes = (operation: "send" | "process", queue: string, ids: MessageIds): Attributes => ({
  "messaging.system": "rabbitmq",
  "messaging.operation.name": operation,
  "messaging.operation.type": operation,
  "messaging.destination.name": queue,
  "messaging.rabbitmq.destination.routing_key": queue,
  "messaging.message.id": ids.messageId,
  "messaging.message.conversation_id": ids.correlationId,
});
