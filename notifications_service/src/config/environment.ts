import { httpVariables, optionalMongodbUri, portVariable, variables } from "@order-flow/common/config/variables.js";

export const environmentSpecs = {
  ...httpVariables,
  PORT: portVariable("notifications_service"),
  MONGODB_URI: optionalMongodbUri,
  RABBITMQ_URL: variables.RABBITMQ_URL,
  ORDERS_QUEUE: variables.ORDERS_QUEUE,
};
