import { type Connection, Schema } from "mongoose";

/** An order that was, or is about to be, printed. */
export interface InboxEntry {
  /** `order.created:` and the order's id. */
  _id: string;
  state: "started" | "done";
  /** The process that has claimed the order. */
  owner: string;
  /** Changes with each renewal of the claim; release 0.1.0 takes it for the end of the lease. */
  leased_until: Date;
  /** An earlier owner may have printed the order before it died. */
  taken_over?: boolean;
  /** MongoDB removes the entry then. */
  expires_at: Date;
}

const inboxSchema = new Schema<InboxEntry>(
  {
    _id: { type: String, required: true },
    state: { type: String, enum: ["started", "done"], required: true },
    owner: { type: String, required: true },
    leased_until: { type: Date, required: true },
    taken_over: Boolean,
    expires_at: { type: Date, required: true },
  },
  { collection: "inbox", versionKey: false },
);

inboxSchema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const createInboxModel = (connection: Connection) => connection.model("InboxEntry", inboxSchema);

export type InboxModel = ReturnType<typeof createInboxModel>;
