import { BSON } from "mongodb";
import { ReplicaSetProxy, type Request } from "./replica_set_proxy.js";

/** A replica set whose secondary has nothing yet of all that was written. */
export class LaggingReplicaSet extends ReplicaSetProxy {
  /** Finds that the secondary was asked for. */
  staleReads = 0;

  /** In front of the database at `uri`; the URI of the result has `options` beside those of `uri`. */
  static async inFrontOf(
    uri: string,
    options: string,
  ): Promise<{ readonly set: LaggingReplicaSet; readonly uri: string }> {
    const set = new LaggingReplicaSet();
    // A standalone server knows no retryable writes.
    const proxied = await set.listen(uri, { retryWrites: "false" });
    return { set, uri: `${proxied}&${options}` };
  }

  protected override async reply({ member, command, forward }: Request): Promise<BSON.Document> {
    const collection: unknown = command["find"] ?? command["aggregate"];
    if (member === this.primary || collection === undefined) return forward();
    this.staleReads += 1;
    return { cursor: { id: BSON.Long.ZERO, ns: `${command["$db"]}.${collection}`, firstBatch: [] }, ok: 1 };
  }
}
