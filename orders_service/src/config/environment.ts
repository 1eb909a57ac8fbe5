import { httpVariables, portVariable, variables } from "@order-flow/common/config/variables.js";

/** The variables that this service reads. */
export const environment = {
  ...httpVariables,
  PORT: portVariable("orders_service"),
  MONGODB_URI: variables.MONGODB_URI,
  RABBITMQ_URL: variables.RABBITMQ_URL,
  ORDERS_QUEUE: variables.ORDERS_QUEUE,
  ORDERS_EXCHANGE: variables.ORDERS_EXCHANGE,
};
