// A second consumer of orders: prints the total of each. It needs plain AMQP 0.9.1, so any language can do the same.
// ORDERS_EXCHANGE=orders make up, then: node docs/examples/order_totals.mjs
import { connect } from "amqplib";

const { RABBITMQ_URL = "amqp://guest:guest@localhost:5672", ORDERS_EXCHANGE = "orders" } = process.env;
// The queue is this consumer's own: no other has this name.
const queue = "order_totals";

const connection = await connect(RABBITMQ_URL);
const channel = await connection.createChannel();
// As orders_service declares it, so either may be the first.
await channel.assertExchange(ORDERS_EXCHANGE, "topic", { durable: true });
// Durable and not exclusive: it keeps the orders that come while nobody consumes.
await channel.assertQueue(queue, { durable: true });
await channel.bindQueue(queue, ORDERS_EXCHANGE, "order.created");
await channel.prefetch(100);
await channel.consume(queue, (message) => {
  // The queue was deleted. As when the connection is lost, whatever runs this process has to start it again.
  if (message === null) throw new Error("The consumer was cancelled.");
  const { order_id, total_cents, currency } = JSON.parse(message.content.toString());
  // An order may come twice, with the same order_id.
  console.log(`${order_id} ${total_cents / 100} ${currency}`);
  channel.ack(message);
});
console.error("Waiting for orders; Ctrl-C ends it.");
