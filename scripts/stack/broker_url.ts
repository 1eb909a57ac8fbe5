import { composeUrls } from "./compose.js";
import { readRecord } from "./record.js";
import { setting } from "./settings.js";

/** The broker that `make up` uses, or the one RABBITMQ_URL names. */
export function brokerUrl(): string {
  const given = setting("RABBITMQ_URL");
  if (given) return given;
  const record = readRecord();
  if (record?.runtime === "embedded") return record.rabbitmqUrl;
  return composeUrls().rabbitmqUrl;
}
