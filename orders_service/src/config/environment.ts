import { httpVariables, portVariable, variables } from "@order-flow/common/config/variables.js";

export const environmentSpecs = {
  ...httpVariables,
  PORT: portVariable("orders_service"),
  MONGODB_URI: variables.MONGODB_URI,
  RABBITMQ_URL: variables.RABBITMQ_URL,
  ORDERS_QUEUE: variables.ORDERS_QUEUE,
  ORDERS_EXCHANGE: variables.ORDERS_EXCHANGE,
};
