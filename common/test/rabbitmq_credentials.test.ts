import { test } from "node:test";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { addUser, testBroker } from "../../test/support/own_servers.js";
import { quietLogger } from "../../test/support/recording_logger.js";

const logins = [
  ["uni", "pässwörd"],
  ["用户", "p@ss/wörd:%"],
] as const;

test("When user and password have characters outside ASCII, then it can log in", async (t) => {
  const broker = await testBroker();
  await broker.start();
  for (const login of logins) {
    const urls = [await addUser(broker, { configure: ".*", write: ".*" }, login)];
    const manager = new RabbitConnectionManager({ urls, queues: [], logger: quietLogger() });
    t.after(() => manager.close());
    manager.start();
    const what = `${login[0]} is connected`;
    await waitUntil(() => manager.connection !== undefined, { what, deadlineMs: 10_000 });
  }
});
