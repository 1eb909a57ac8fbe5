import { httpVariables, portVariable, variables } from "@order-flow/common/config/variables.js";

export const environmentSpecs = {
  ...httpVariables,
  PORT: portVariable("user_service"),
  MONGODB_URI: variables.MONGODB_URI,
  BCRYPT_ROUNDS: variables.BCRYPT_ROUNDS,
};
