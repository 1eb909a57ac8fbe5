import { Types } from "mongoose";
import { gather } from "./gather.js";

/**
 * Returns a function that reads a document by its `_id` (24 hex digits) with `find`, which gets the ids of all that are
 * asked for at that moment. A read that is asked for after a write ended is never one that began before it.
 */
export function readById<Document extends { readonly _id: Types.ObjectId }>(
  find: (ids: readonly Types.ObjectId[]) => Promise<readonly Document[]>,
): (id: string) => Promise<Document | undefined> {
  const read = gather(async (ids: readonly string[]) => {
    const found = await find([...new Set(ids)].map((id) => new Types.ObjectId(id)));
    return new Map(found.map((document) => [document._id.toHexString(), document]));
  });
  return async (id) => (await read(id.toLowerCase())).get(id.toLowerCase());
}
