import { MongoClient } from "mongodb";
import type { BrokerHandle, ServerHandle } from "../../scripts/runtime/handle.js";
import { testFolder } from "../../scripts/runtime/run_folder.js";
import { ownBroker, ownDatabase } from "../../scripts/runtime/servers.js";
import { afterAll } from "./cleanup.js";
import { databaseUri, uniqueName } from "./services.js";

/** A broker that a test may kill, not started yet. It is removed when the tests are over. */
export const testBroker = (): Promise<BrokerHandle> => removedAfterwards(ownBroker(testFolder(uniqueName("broker"))));

/** The same for a database. */
export const testDatabase = (): Promise<ServerHandle> =>
  removedAfterwards(ownDatabase(testFolder(uniqueName("database"))));

async function removedAfterwards<T extends ServerHandle>(made: Promise<T>): Promise<T> {
  const server = await made;
  afterAll(() => server.remove());
  return server;
}

interface Permissions {
  readonly configure: string;
  readonly write: string;
}

/** Adds a user with these permissions to the broker; returns the URL with its login. */
export async function addUser(
  broker: BrokerHandle,
  { configure, write }: Permissions,
  [user, password]: readonly [string, string] = [uniqueName("user"), "secret"],
): Promise<string> {
  await broker.ctl("add_user", user, password);
  await broker.ctl("set_permissions", user, configure, write, ".*");
  const url = new URL(broker.url);
  [url.username, url.password] = [encodeURIComponent(user), encodeURIComponent(password)];
  return url.href;
}

/** A database in the test run's MongoDB, or at `uri`, through the plain driver. It is dropped when the tests are over. */
export function plainDatabase(uri = databaseUri(uniqueName("plain"))) {
  const client = new MongoClient(uri);
  afterAll(async () => {
    await client.db().dropDatabase();
    await client.close();
  });
  return { uri, db: client.db() };
}
