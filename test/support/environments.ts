import type { ServiceName } from "@order-flow/common/config/variables.js";
import { environmentSpecs as notificationsEnvironment } from "@order-flow/notifications_service/config/environment.js";
import { environmentSpecs as ordersEnvironment } from "@order-flow/orders_service/config/environment.js";
import { environmentSpecs as usersEnvironment } from "@order-flow/user_service/config/environment.js";

/** The variables that each service reads, as its code has them. */
export const environments = {
  user_service: usersEnvironment,
  orders_service: ordersEnvironment,
  notifications_service: notificationsEnvironment,
} as const satisfies Record<ServiceName, object>;
