import type { BSON } from "mongodb";
import { ReplicaSetProxy, type Request } from "./replica_set_proxy.js";

/** How a command ends whose primary steps down in the middle of it. */
export const interruptions = ["an error", "a write concern error", "a lost connection"] as const;
export type Interruption = (typeof interruptions)[number];

interface Trap {
  /** A command such as `insert`. */
  readonly command: string;
  /** Whether its write outlives the primary; else it is rolled back, as what no majority has. */
  readonly kept: boolean;
  readonly endsWith: Interruption;
}

const notPrimary = { code: 10_107, codeName: "NotWritablePrimary", errmsg: "not primary" };
const notPrimaryForReads = { code: 13_435, codeName: "NotPrimaryNoSecondaryOk", errmsg: "not primary" };
const interrupted = { code: 11_602, codeName: "InterruptedDueToReplStateChange", errmsg: "operation was interrupted" };
const reads = ["find", "aggregate", "count", "getMore", "listIndexes"];
/** What also a member that is no primary takes. */
const always = ["ping", "endSessions", "killCursors"];

/** A replica set whose primary steps down when a test says so, and where none is until it has one elected. */
export class ElectingReplicaSet extends ReplicaSetProxy {
  /** The names of the commands that members have refused since they were no primary. */
  readonly refused: string[] = [];
  #trap: Trap | undefined;
  /** The replies to retryable writes, by session and number: the same write again gets the same reply. */
  readonly #replies = new Map<string, BSON.Document>();

  /** In front of the database at `uri`. */
  static async inFrontOf(
    uri: string,
    retryWrites: boolean,
  ): Promise<{ readonly set: ElectingReplicaSet; readonly uri: string }> {
    const set = new ElectingReplicaSet();
    return { set, uri: await set.listen(uri, { retryWrites: `${retryWrites}` }) };
  }

  stepDown(): void {
    this.primary = undefined;
  }

  elect(member = 1): void {
    this.primary = member;
  }

  /** Has the primary step down between the next such command and its answer. */
  stepDownAt(trap: Trap): void {
    this.#trap = trap;
  }

  protected override async reply({ member, command, forward }: Request): Promise<BSON.Document | undefined> {
    const [name = ""] = Object.keys(command);
    if (always.includes(name)) return forward();
    const { txnNumber, ...plain } = command;
    // As a server has it: only on what a driver may retry.
    const label = txnNumber === undefined ? {} : { errorLabels: ["RetryableWriteError"] };
    if (member !== this.primary) {
      this.refused.push(name);
      return { ok: 0, ...(reads.includes(name) ? notPrimaryForReads : notPrimary), ...label };
    }
    const write = txnNumber === undefined ? undefined : `${command["lsid"].id.toString("hex")} ${txnNumber}`;
    const carryOut = async () => {
      // A standalone server knows no retryable writes.
      const reply = this.#replies.get(write ?? "") ?? (await forward(plain));
      if (write !== undefined) this.#replies.set(write, reply);
      return reply;
    };
    const trap = this.#trap;
    if (trap?.command !== name) return carryOut();
    this.#trap = undefined;
    const reply = trap.kept ? await carryOut() : { ok: 1, n: 1 };
    this.stepDown();
    if (trap.endsWith === "a lost connection") return undefined;
    if (trap.endsWith === "an error") return { ok: 0, ...interrupted, ...label };
    return { ...reply, writeConcernError: interrupted, ...label };
  }
}
