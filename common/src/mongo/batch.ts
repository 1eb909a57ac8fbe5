import DataLoader from "dataloader";
import { mongo, Types } from "mongoose";
import { DatabaseUnavailableError } from "./database_unavailable_error.js";

type RunBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
type RunOne<Item, Result> = (item: Item) => Promise<Result>;

const maxBatchSize = 100;

/** Collects items for two turns of the event loop; batches may overlap. An `Error` among the results fails its item alone. */
export function batchConcurrently<Item, Result>(run: RunBatch<Item, Result>): RunOne<Item, Result> {
  // A burst of requests arrives spread over about two turns, and a command for each turn costs more than the wait.
  const batchScheduleFn = (dispatch: () => void) => void setImmediate(setImmediate, dispatch);
  const loader = new DataLoader(run, { cache: false, maxBatchSize, batchScheduleFn });
  return (item) => loader.load(item);
}

/** Writes one batch at a time, and what comes meanwhile as the next one: group commit, for what no client waits for. */
export function batchOneAtATime<Item>(write: (items: readonly Item[]) => Promise<void>): RunOne<Item, void> {
  let last: Promise<unknown> = Promise.resolve();
  const writeAll = async (items: readonly Item[]) => {
    const current = write(items);
    last = current.catch(() => {});
    await current;
    return items.map(() => undefined);
  };
  // DataLoader adds items to a batch until it is dispatched.
  const batchScheduleFn = (dispatch: () => void) => void last.then(dispatch);
  const loader = new DataLoader<Item, void>(writeAll, { cache: false, batchScheduleFn });
  return (item) => loader.load(item);
}

/** Reads documents by `_id` (24 hex digits) in batches. */
export const batchReads = <Document extends { readonly _id: Types.ObjectId }>(
  find: (ids: readonly Types.ObjectId[]) => PromiseLike<readonly Document[]>,
): RunOne<string, Document | undefined> =>
  batchConcurrently(async (ids) => {
    const found = await find([...new Set(ids.map((id) => id.toLowerCase()))].map((id) => new Types.ObjectId(id)));
    const byId = new Map(found.map((document) => [document._id.toHexString(), document]));
    return ids.map((id) => byId.get(id.toLowerCase()));
  });

/** Runs an unordered insert of `count` documents and returns the write error of each, undefined where it was stored. */
export async function insertUnordered(count: number, insert: () => Promise<unknown>): Promise<(Error | undefined)[]> {
  const errors = new Array<Error | undefined>(count).fill(undefined);
  try {
    await insert();
  } catch (error) {
    // The whole command failed: no document is known to be stored.
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const writeErrors = [error.writeErrors].flat();
    // An unmet write concern hides behind the first write error: documents without an error may be lost too.
    if (error.result.getWriteConcernError())
      throw new DatabaseUnavailableError("The database did not confirm the write.");
    if (writeErrors.length === 0 || error.insertedCount + writeErrors.length !== count) throw error;
    for (const { index, code, errmsg } of writeErrors)
      errors[index] = new mongo.MongoServerError({ code, message: errmsg ?? "the document was refused" });
  }
  return errors;
}
