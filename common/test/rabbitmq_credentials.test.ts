import { test } from "node:test";
import { RabbitConnectionManager } from "@order-flow/common/rabbitmq/connection_manager.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { ownBroker } from "../../scripts/runtime/servers.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { uniqueName } from "../../test/support/services.js";

const logins = [
  ["uni", "pässwörd"],
  ["用户", "p@ss/wörd:%"],
] as const;

test("When user and password have characters outside ASCII, then it can log in", async (t) => {
  const broker = await ownBroker(testFolder(uniqueName("credentials")));
  afterAll(() => broker.remove());
  if (!broker.ctl) return t.skip("this broker has no rabbitmqctl");
  await broker.start();
  for (const [user, password] of logins) {
    await broker.ctl("add_user", user, password);
    await broker.ctl("set_permissions", user, ".*", ".*", ".*");
    const url = new URL(broker.url);
    [url.username, url.password] = [encodeURIComponent(user), encodeURIComponent(password)];
    const { logger } = recordingLogger();
    const manager = new RabbitConnectionManager({ urls: [url.href], queues: [], logger });
    manager.start();
    try {
      const what = `${user} is connected`;
      await waitUntil(() => manager.connection !== undefined, { what, deadlineMs: 10_000 });
    } finally {
      await manager.close();
    }
  }
});
