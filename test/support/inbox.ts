import type { Collection } from "mongodb";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { plainDatabase } from "./own_servers.js";

interface Row {
  readonly _id: string;
  readonly state: string;
  readonly owner: string;
  readonly leased_until: Date;
  readonly expires_at: Date;
}

const rowOf = (orderId: string): string => `order.created:${orderId}`;

/** The inbox of one test, in a database of its own, through the plain driver. It is dropped when the tests are over. */
export class TestInbox {
  readonly uri: string;
  /** What a consumer must be told to use it. */
  readonly settings: { readonly MONGODB_URI: string };
  readonly rows: Collection<Row>;

  constructor(at?: string) {
    const { uri, db } = plainDatabase(at);
    this.uri = uri;
    this.settings = { MONGODB_URI: uri };
    this.rows = db.collection<Row>("inbox");
  }

  /** Leaves the row of a process that may have died between printing the order and saying so. */
  async leaveStarted(orderId: string, leasedUntil: Date): Promise<void> {
    const expires_at = new Date(Date.now() + 3_600_000);
    const row = { state: "started", owner: "somebody else", leased_until: leasedUntil, expires_at };
    await this.rows.insertOne({ _id: rowOf(orderId), ...row });
  }

  async row(orderId: string): Promise<Row | undefined> {
    return (await this.rows.findOne({ _id: rowOf(orderId) })) ?? undefined;
  }

  async set(orderId: string, change: Partial<Row>): Promise<void> {
    await this.rows.updateOne({ _id: rowOf(orderId) }, { $set: change });
  }

  /** Waits until the order's row is in that state. */
  async becomes(orderId: string, state: string): Promise<void> {
    const reached = async () => (await this.row(orderId))?.state === state;
    await waitUntil(reached, { what: `${orderId} is ${state}`, deadlineMs: 10_000 });
  }
}
