import { type Connection, type InferSchemaType, Schema } from "mongoose";

/** An order that was, or is about to be, printed. */
const inboxSchema = new Schema(
  {
    /** `order.created:` and the order's id. */
    _id: { type: String, required: true },
    state: { type: String, enum: ["started", "done"] as const, required: true },
    /** The process that has claimed the order. */
    owner: { type: String, required: true },
    /** No deadline, only a value that changes with each renewal. Its name is for release 0.1.0, which reads it as one. */
    leased_until: { type: Date, required: true },
    /** An earlier owner may have printed the order before it died. */
    taken_over: Boolean,
    /** MongoDB removes the entry then. */
    expires_at: { type: Date, required: true },
  },
  { collection: "inbox", versionKey: false },
);

inboxSchema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const createInboxModel = (connection: Connection) => connection.model("InboxEntry", inboxSchema);

export type InboxEntry = InferSchemaType<typeof inboxSchema>;
export type InboxModel = ReturnType<typeof createInboxModel>;
