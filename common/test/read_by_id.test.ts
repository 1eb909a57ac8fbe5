import assert from "node:assert/strict";
import { test } from "node:test";
import { readById } from "@order-flow/common/mongo/read_by_id.js";
import { Types } from "mongoose";

const [one, other] = [new Types.ObjectId(), new Types.ObjectId()];

test("When documents are asked for at once, then they are found in one call that names each once", async () => {
  const calls: string[][] = [];
  const read = readById(async (ids) => {
    calls.push(ids.map((id) => id.toHexString()));
    return ids.filter((id) => id.equals(one)).map((_id) => ({ _id, name: "one" }));
  });
  const ids = [one.toHexString(), other.toHexString(), one.toHexString().toUpperCase()];

  assert.deepEqual(await Promise.all(ids.map(read)), [{ _id: one, name: "one" }, undefined, { _id: one, name: "one" }]);
  assert.deepEqual(calls, [[one.toHexString(), other.toHexString()]]);
});

test("When a document is asked for while an older read is under way, then that one's answer is not taken", async () => {
  let version = 0;
  const read = readById(async ([_id = one]) => {
    const found = { _id, version };
    await new Promise(setImmediate);
    return [found];
  });
  const older = read(one.toHexString());
  await Promise.resolve();
  version = 1;
  const newer = read(one.toHexString());

  assert.deepEqual([(await older)?.version, (await newer)?.version], [0, 1]);
});
