import type { Logger } from "@order-flow/common/logging/logger.js";
import { Database } from "@order-flow/common/mongo/database.js";

/** The database of the inbox: `notifications_service`, unless the URI names one. */
export const createDatabase = (uri: string, logger: Logger): Database =>
  new Database({ uri, defaultName: "notifications_service", logger });
