import { httpVariables, portVariable, variables } from "@order-flow/common/config/variables.js";

/** The variables that this service reads. */
export const environment = {
  ...httpVariables,
  PORT: portVariable("user_service"),
  MONGODB_URI: variables.MONGODB_URI,
  BCRYPT_ROUNDS: variables.BCRYPT_ROUNDS,
};
