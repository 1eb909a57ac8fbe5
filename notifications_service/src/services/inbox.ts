import { randomUUID } from "node:crypto";
import { insertUnordered } from "@order-flow/common/mongo/batch.js";
import { type Database, isDuplicateKey } from "@order-flow/common/mongo/database.js";
import type { InboxEntry, InboxModel } from "../models/inbox_entry.js";
import { abandonedAfterMs, ClaimObserver } from "./claim_observer.js";

/** `reprint`: a process that died may have printed it. `skip`: printed before. `wait`: another process may print it. */
export type ClaimResult = "print" | "reprint" | "skip" | "wait";

export const mayPrint = (result: ClaimResult | undefined): boolean => result === "print" || result === "reprint";

/** Remembers which orders were printed. */
export interface Inbox {
  /** Claims orders for printing; the ids are unique. Stops renewing this process's earlier claims. */
  claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, ClaimResult>>;
  markPrinted(orderIds: readonly string[]): Promise<void>;
}

const renewIntervalMs = 1_000;
/** Leaves time for the next renewal before another process may take a claim over. */
const maxClaimAgeMs = abandonedAfterMs - 500;
const leaseMs = 30_000;
const retentionMs = 30 * 24 * 3_600_000;
/** Owners of release 0.1.0 have no prefix, and do not renew their claims. */
const renewingOwnerPrefix = "renewing-";

/**
 * An inbox that replicas share. An entry is a claim until its order is printed. Its owner renews it every second;
 * another process takes it over after 4 s without a renewal.
 */
export class MongoInbox implements Inbox {
  readonly #entries: InboxModel;
  readonly #database: Database;
  readonly #owner = `${renewingOwnerPrefix}${randomUUID()}`;
  #observer = new ClaimObserver();
  #idsToRenew: readonly string[] = [];
  /** A lower bound: each claim of these orders was last written later. Others may take it over 4 s after that write. */
  #oldestWrite = 0;

  constructor(entries: InboxModel, database: Database) {
    this.#entries = entries;
    this.#database = database;
    setInterval(() => this.#renew().catch(() => {}), renewIntervalMs).unref();
  }

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, ClaimResult>> {
    this.#oldestWrite = performance.now();
    // Renewed from here on: to claim takes several calls, and with a slow database longer than a claim holds.
    this.#idsToRenew = orderIds;
    try {
      const existing = await this.#insert(orderIds);
      const results = existing.length > 0 ? await this.#claimExisting(existing) : new Map<string, ClaimResult>();
      const resultOf = (orderId: string) => results.get(orderId) ?? "print";
      if (performance.now() - this.#oldestWrite > maxClaimAgeMs) throw new Error("claims could not be renewed in time");
      this.#idsToRenew = orderIds.filter((orderId) => mayPrint(resultOf(orderId)));
      return new Map(orderIds.map((orderId) => [orderId, resultOf(orderId)]));
    } catch (error) {
      this.#idsToRenew = [];
      // While the database is away nobody can renew a claim.
      this.#observer = new ClaimObserver();
      throw error;
    }
  }

  async markPrinted(orderIds: readonly string[]): Promise<void> {
    const entries = { _id: { $in: orderIds.map(key) } };
    await this.#database.run(() => this.#entries.updateMany(entries, { $set: { state: "done" } }));
    this.#idsToRenew = [];
  }

  /** Inserts an entry for each order in one call; returns the orders that had one already. */
  async #insert(orderIds: readonly string[]): Promise<readonly string[]> {
    const claim = this.#newClaim();
    const entries = orderIds.map((orderId) => ({ _id: key(orderId), state: "started" as const, ...claim }));
    const insert = () => this.#entries.insertMany(entries, { ordered: false, lean: true });
    const errors = await this.#database.run(() => insertUnordered(entries.length, insert));
    const unexpected = errors.find((error) => error && !isDuplicateKey(error));
    if (unexpected) throw unexpected;
    return orderIds.filter((_, index) => errors[index]);
  }

  async #claimExisting(orderIds: readonly string[]): Promise<Map<string, ClaimResult>> {
    let entries = await this.#find(orderIds);
    const free = entries.filter((entry) => entry.state === "started" && this.#isFree(entry));
    if (free.length > 0) {
      await this.#take(free);
      // Not all may be taken: another process may have been faster.
      entries = await this.#find(orderIds);
    }
    const byId = new Map(entries.map((entry) => [entry._id, entry]));
    return new Map(orderIds.map((orderId) => [orderId, this.#resultFor(byId.get(key(orderId)))]));
  }

  #resultFor(entry: InboxEntry | undefined): ClaimResult {
    if (entry?.state === "done") return "skip";
    if (entry?.owner !== this.#owner) return "wait";
    return entry.taken_over ? "reprint" : "print";
  }

  /** Whether the claim can be taken; records how it was seen. */
  #isFree(entry: InboxEntry): boolean {
    if (entry.owner === this.#owner) return true;
    return entry.owner.startsWith(renewingOwnerPrefix)
      ? this.#observer.observe(entry) === "abandoned"
      : entry.leased_until <= new Date();
  }

  async #find(orderIds: readonly string[]): Promise<InboxEntry[]> {
    return this.#database.run(() => this.#entries.find({ _id: { $in: orderIds.map(key) } }).lean());
  }

  /** Takes each entry that is still as it was read. */
  async #take(entries: readonly InboxEntry[]): Promise<void> {
    const claim = this.#newClaim();
    const changes = entries.map(({ _id, state, owner, leased_until }) => ({
      updateOne: {
        filter: { _id, state, owner, leased_until },
        update: { $set: { ...claim, ...(owner !== this.#owner && { taken_over: true }) } },
      },
    }));
    await this.#database.run(() => this.#entries.bulkWrite(changes, { ordered: false }));
  }

  /** Renews only the claims that this process works on: others must be free to take over the rest. */
  async #renew(): Promise<void> {
    if (this.#idsToRenew.length === 0) return;
    const ours = { _id: { $in: this.#idsToRenew.map(key) }, state: "started", owner: this.#owner } as const;
    const start = performance.now();
    await this.#database.run(() => this.#entries.updateMany(ours, { $set: this.#newClaim() }));
    // A renewal that comes too late does not count: another process may have taken a claim over.
    if (performance.now() - this.#oldestWrite < abandonedAfterMs) this.#oldestWrite = start;
  }

  #newClaim() {
    const now = Date.now();
    return { owner: this.#owner, leased_until: new Date(now + leaseMs), expires_at: new Date(now + retentionMs) };
  }
}

const key = (orderId: string): string => `order.created:${orderId}`;

const maxRemembered = 100_000;

/** An inbox that remembers the last orders of this process. */
export class InMemoryInbox implements Inbox {
  readonly #printed = new Set<string>();

  async claim(orderIds: readonly string[]): Promise<ReadonlyMap<string, ClaimResult>> {
    return new Map(orderIds.map((orderId) => [orderId, this.#printed.has(orderId) ? "skip" : "print"]));
  }

  async markPrinted(orderIds: readonly string[]): Promise<void> {
    for (const orderId of orderIds) {
      this.#printed.add(orderId);
      const [oldest] = this.#printed;
      if (this.#printed.size > maxRemembered && oldest !== undefined) this.#printed.delete(oldest);
    }
  }
}
