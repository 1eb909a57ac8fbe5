import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createDatabase } from "@order-flow/notifications_service/config/database.js";
import { createInboxModel } from "@order-flow/notifications_service/models/inbox_entry.js";
import { DurableInbox } from "@order-flow/notifications_service/services/inbox.js";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { afterAll } from "../../test/support/cleanup.js";
import { TestInbox } from "../../test/support/inbox.js";
import { quietLogger } from "../../test/support/recording_logger.js";

const rows = new TestInbox();
const database = createDatabase(rows.uri, quietLogger());
/** A claim whose answer is lost is made again by the same process: hence the second one in these tests. */
const inbox = new DurableInbox(createInboxModel(database.connection), database);

before(async () => {
  database.start();
  afterAll(() => database.close());
  await waitUntil(() => database.isUp(), { what: "the inbox is there", deadlineMs: 15_000 });
});

test("When the answer to a first claim is lost, then the next says that nobody may have printed the order", async () => {
  await inbox.claim("first");

  assert.deepEqual(await inbox.claim("first"), { act: "print", again: false });
});

test("When the answer to a taking over is lost, then the next still says that the order may have been printed", async () => {
  await rows.leaveStarted("taken", new Date(Date.now() - 1_000));

  assert.deepEqual(await inbox.claim("taken"), { act: "print", again: true });
  assert.deepEqual(await inbox.claim("taken"), { act: "print", again: true });
});
