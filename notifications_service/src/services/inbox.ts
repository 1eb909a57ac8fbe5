import { randomUUID } from "node:crypto";
import { insertErrors } from "@order-flow/common/mongo/batch.js";
import { type Database, isDuplicateKey } from "@order-flow/common/mongo/database.js";
import type { InboxModel } from "../models/inbox_entry.js";

/** `possibleDuplicate`: a process that died may have printed the order. `wait`: another process may be printing it. */
export type Claim =
  | { readonly decision: "print"; readonly possibleDuplicate: boolean }
  | { readonly decision: "skip" }
  | { readonly decision: "wait"; readonly until: Date };

/** Remembers which orders were printed. */
export interface Inbox {
  /** Claims orders for printing; the ids are unique. */
  claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  markPrinted(orderIds: readonly string[]): Promise<void>;
}

const leaseMs = 30_000;
const retentionMs = 30 * 24 * 3_600_000;

/** An inbox that outlives the process and is shared by replicas. */
export class MongoInbox implements Inbox {
  readonly #entries: InboxModel;
  readonly #database: Database;
  readonly #owner = randomUUID();

  constructor(entries: InboxModel, database: Database) {
    this.#entries = entries;
    this.#database = database;
  }

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const existing = await this.#database.run(() => this.#insert(orderIds));
    const claims = new Map<string, Claim>(
      orderIds.map((orderId) => [orderId, { decision: "print", possibleDuplicate: false }]),
    );
    const claimExisting = async (orderId: string) =>
      claims.set(orderId, await this.#database.run(() => this.#claimExisting(key(orderId))));
    await Promise.all(existing.map(claimExisting));
    return claims;
  }

  async markPrinted(orderIds: readonly string[]): Promise<void> {
    const entries = { _id: { $in: orderIds.map(key) } };
    await this.#database.run(() => this.#entries.updateMany(entries, { $set: { state: "done" } }).exec());
  }

  /** Inserts an entry for each order in one call; returns the orders that had one already. */
  async #insert(orderIds: readonly string[]): Promise<readonly string[]> {
    const lease = this.#lease();
    const entries = orderIds.map((orderId) => ({ _id: key(orderId), state: "started" as const, ...lease }));
    const insert = () => this.#entries.insertMany(entries, { ordered: false, lean: true });
    const errors = await insertErrors(entries.length, insert);
    const unexpected = errors.find((error) => error && !isDuplicateKey(error));
    if (unexpected) throw unexpected;
    return orderIds.filter((_, index) => errors[index]);
  }

  async #claimExisting(_id: string): Promise<Claim> {
    const entry = await this.#entries.findById(_id).lean().exec();
    if (!entry) return { decision: "wait", until: new Date() };
    const { state, owner, leased_until } = entry;
    if (state === "done") return { decision: "skip" };
    // An earlier claim of this process that timed out but was stored.
    const isOurs = owner === this.#owner;
    if (!isOurs && leased_until.getTime() > Date.now()) return { decision: "wait", until: leased_until };
    const possibleDuplicate = !isOurs || entry.taken_over === true;
    const { modifiedCount } = await this.#entries.updateOne(
      { _id, state, owner, leased_until },
      { $set: { ...this.#lease(), ...(possibleDuplicate && { taken_over: true }) } },
    );
    return modifiedCount === 1 ? { decision: "print", possibleDuplicate } : { decision: "wait", until: new Date() };
  }

  #lease() {
    const now = Date.now();
    return { owner: this.#owner, leased_until: new Date(now + leaseMs), expires_at: new Date(now + retentionMs) };
  }
}

const key = (orderId: string): string => `order.created:${orderId}`;

const maxRemembered = 100_000;

/** An inbox that remembers the last orders of this process. */
export class InMemoryInbox implements Inbox {
  readonly #printed = new Set<string>();

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const claimOf = (orderId: string): Claim =>
      this.#printed.has(orderId) ? { decision: "skip" } : { decision: "print", possibleDuplicate: false };
    return new Map(orderIds.map((orderId) => [orderId, claimOf(orderId)]));
  }

  async markPrinted(orderIds: readonly string[]): Promise<void> {
    for (const orderId of orderIds) {
      this.#printed.add(orderId);
      const [oldest] = this.#printed;
      if (this.#printed.size > maxRemembered && oldest !== undefined) this.#printed.delete(oldest);
    }
  }
}
