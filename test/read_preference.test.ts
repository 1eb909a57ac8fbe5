import assert from "node:assert/strict";
import { test } from "node:test";
import { call, text } from "./support/http.js";
import { LaggingReplicaSet } from "./support/lagging_replica_set.js";
import { newOrder, orphan, place, published, rows } from "./support/orders.js";
import { databaseUri, startOrdersService, startUserService, uniqueName } from "./support/services.js";
import { change, created, get, remove } from "./support/users.js";

const readPreferences = [
  "readPreference=secondaryPreferred",
  "readPreference=secondary",
  "readPreference=nearest&readPreferenceTags=dc:here&readPreferenceTags=",
  "readPreference=secondaryPreferred&maxStalenessSeconds=90",
  "READPREFERENCE=secondary",
];

const lagging = (options: string) => LaggingReplicaSet.inFrontOf(databaseUri(uniqueName("lagging")), options);

for (const options of readPreferences) {
  test(`When a secondary lags behind and the URI says ${options}, then a repeated key gives its order again`, async () => {
    const { set, uri } = await lagging(options);
    const service = await startOrdersService({ MONGODB_URI: uri });
    const key = { "Idempotency-Key": "one-order" };
    const first = await place(service, newOrder(), key);
    const second = await place(service, newOrder(), key);
    assert.deepEqual([second.status, text(second.body, "id")], [201, text(first.body, "id")]);
    assert.equal((await call(`${service.url}/orders/${text(first.body, "id")}`)).status, 200);
    const row = orphan(-1_000);
    await rows(service).insertOne(row);
    await published(service, row._id.toHexString());
    assert.equal(set.staleReads, 0);
  });

  test(`When a secondary lags behind and the URI says ${options}, then a user just made can be changed`, async () => {
    const { set, uri } = await lagging(options);
    const service = await startUserService({ MONGODB_URI: uri });
    const id = await created(service);
    assert.equal((await get(service, id)).status, 200);
    assert.equal((await change(service, id, { name: "Augusta Ada King" })).status, 200);
    assert.equal((await remove(service, id)).status, 204);
    assert.equal(set.staleReads, 0);
  });
}
