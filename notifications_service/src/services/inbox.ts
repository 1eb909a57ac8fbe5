import { randomUUID } from "node:crypto";
import { type Database, duplicateKey } from "@order-flow/common/mongo/database.js";
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
  /** Claims an order for printing. */
  claim(orderId: string): Promise<Claim>;
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

  async claim(orderId: string): Promise<Claim> {
    const _id = key(orderId);
    try {
      await this.#database.run(() => this.#entries.insertOne({ _id, state: "started", ...this.#lease() }));
      return { act: "print", again: false };
    } catch (error) {
      if (!duplicateKey(error)) throw error;
    }
    return this.#database.run(() => this.#claimAgain(_id));
  }

  async done(orderIds: readonly string[]): Promise<void> {
    const entries = { _id: { $in: orderIds.map(key) } };
    await this.#database.run(() => this.#entries.updateMany(entries, { $set: { state: "done" } }).exec());
  }

  /** The entry is there: it is done, or its owner may still be at work, or the owner died and it may be taken over. */
  async #claimAgain(_id: string): Promise<Claim> {
    const entry = await this.#entries.findById(_id).lean().exec();
    if (entry?.state === "done") return { act: "skip" };
    // An insert or a taking over of ours that timed out but had landed: nobody printed since.
    if (entry?.owner === this.#owner) return { act: "print", again: entry.taken_over === true };
    const leased_until = entry?.leased_until ?? new Date();
    if (leased_until.getTime() > Date.now()) return { act: "wait", until: leased_until };
    const { modifiedCount } = await this.#entries.updateOne(
      { _id, state: "started", leased_until },
      { $set: { ...this.#lease(), taken_over: true } },
    );
    return modifiedCount === 1 ? { act: "print", again: true } : { act: "wait", until: this.#lease().leased_until };
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

  async claim(orderId: string): Promise<Claim> {
    return this.#printed.has(orderId) ? { act: "skip" } : { act: "print", again: false };
  }

  async done(orderIds: readonly string[]): Promise<void> {
    for (const orderId of orderIds) {
      this.#printed.add(orderId);
      const [oldest] = this.#printed;
      if (this.#printed.size > mostRemembered && oldest !== undefined) this.#printed.delete(oldest);
    }
  }
}
