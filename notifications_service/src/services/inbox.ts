import { randomUUID } from "node:crypto";
import { insertErrors } from "@order-flow/common/mongo/batch.js";
import { type Database, isDuplicateKey } from "@order-flow/common/mongo/database.js";
import type { InboxModel } from "../models/inbox_entry.js";

/**
 * What to do with an order: print it (`again`: a process that died may have printed it), skip it since it was printed,
 * or wait since another process may be about to print it.
 */
export type Claim =
  | { readonly act: "print"; readonly again: boolean }
  | { readonly act: "skip" }
  | { readonly act: "wait"; readonly until: Date };

/** Remembers which orders were printed. */
export interface Inbox {
  /** Claims orders, each given once, for printing. */
  claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /** Notes that claimed orders were printed. */
  done(orderIds: readonly string[]): Promise<void>;
}

const leaseMs = 30_000;
const retentionMs = 30 * 24 * 3_600_000;

/** An inbox in MongoDB: it outlives the process, and replicas share it. Throws 503 problems while that is away. */
export class DurableInbox implements Inbox {
  readonly #entries: InboxModel;
  readonly #database: Database;
  readonly #owner = randomUUID();

  constructor(entries: InboxModel, database: Database) {
    this.#entries = entries;
    this.#database = database;
  }

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const known = await this.#database.run(() => this.#insert(orderIds));
    const claims = new Map<string, Claim>(orderIds.map((orderId) => [orderId, { act: "print", again: false }]));
    const claimKnown = async (orderId: string) =>
      claims.set(orderId, await this.#database.run(() => this.#claimAgain(key(orderId))));
    await Promise.all(known.map(claimKnown));
    return claims;
  }

  async done(orderIds: readonly string[]): Promise<void> {
    const entries = { _id: { $in: orderIds.map(key) } };
    await this.#database.run(() => this.#entries.updateMany(entries, { $set: { state: "done" } }).exec());
  }

  /** Makes an entry for each order, all in one call. Returns those orders that had one already. */
  async #insert(orderIds: readonly string[]): Promise<readonly string[]> {
    const lease = this.#lease();
    const entries = orderIds.map((orderId) => ({ _id: key(orderId), state: "started" as const, ...lease }));
    const insert = () => this.#entries.insertMany(entries, { ordered: false, lean: true });
    const errors = await insertErrors(entries.length, insert);
    const unexpected = errors.find((error) => error && !isDuplicateKey(error));
    if (unexpected) throw unexpected;
    return orderIds.filter((_, index) => errors[index]);
  }

  /** The entry is there: it is done, or its owner may still be at work, or the owner died and it may be taken over. */
  async #claimAgain(_id: string): Promise<Claim> {
    const entry = await this.#entries.findById(_id).lean().exec();
    if (!entry) return { act: "wait", until: new Date() };
    const { state, owner, leased_until } = entry;
    if (state === "done") return { act: "skip" };
    // A claim of ours that timed out but had landed: nobody printed since, if nobody has taken it over.
    const isOurs = owner === this.#owner;
    if (!isOurs && leased_until.getTime() > Date.now()) return { act: "wait", until: leased_until };
    const again = !isOurs || entry.taken_over === true;
    const { modifiedCount } = await this.#entries.updateOne(
      { _id, state, owner, leased_until },
      { $set: { ...this.#lease(), ...(again && { taken_over: true }) } },
    );
    return modifiedCount === 1 ? { act: "print", again } : { act: "wait", until: new Date() };
  }

  #lease() {
    const now = Date.now();
    return { owner: this.#owner, leased_until: new Date(now + leaseMs), expires_at: new Date(now + retentionMs) };
  }
}

const key = (orderId: string): string => `order.created:${orderId}`;

const mostRemembered = 100_000;

/** An inbox in memory: it knows what this process printed last, and no more. */
export class ProcessInbox implements Inbox {
  readonly #printed = new Set<string>();

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const claimOf = (orderId: string): Claim =>
      this.#printed.has(orderId) ? { act: "skip" } : { act: "print", again: false };
    return new Map(orderIds.map((orderId) => [orderId, claimOf(orderId)]));
  }

  async done(orderIds: readonly string[]): Promise<void> {
    for (const orderId of orderIds) {
      this.#printed.add(orderId);
      const [oldest] = this.#printed;
      if (this.#printed.size > mostRemembered && oldest !== undefined) this.#printed.delete(oldest);
    }
  }
}
