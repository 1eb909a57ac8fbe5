import { type Connection, type InferSchemaType, Schema, type Types } from "mongoose";

const userSchema = new Schema(
  {
    name: { type: String, required: true },
    email: { type: String, required: true, unique: true },
    password_hash: { type: String, required: true, select: false },
  },
  { collection: "users", timestamps: { createdAt: "created_at", updatedAt: "updated_at" } as const },
);

export const createUserModel = (connection: Connection) => connection.model("User", userSchema);

export type UserModel = ReturnType<typeof createUserModel>;
export type UserDocument = InstanceType<UserModel>;

const text = { bsonType: "string" };
const time = { bsonType: "date" };
const version = { bsonType: ["int", "long", "double"], multipleOf: 1, minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** Leaves out what is no user: others may keep documents of theirs in the same collection. */
export const usersOnly = {
  $jsonSchema: {
    required: ["name", "email", "created_at", "updated_at"],
    properties: { name: text, email: text, created_at: time, updated_at: time, __v: version },
  },
} as const;

/** The same rule for a document that was read by its id: the database would take longer over it than over the read. */
export const isUser = ({ name, email, created_at, updated_at, __v = 0 }: Readonly<Record<string, unknown>>) =>
  [name, email].every((value) => typeof value === "string") &&
  [created_at, updated_at].every((value) => value instanceof Date) &&
  Number.isSafeInteger(__v) &&
  Number(__v) >= 0;

type User = InferSchemaType<typeof userSchema>;

export type UserPublic = ReturnType<typeof toPublicUser>;

/** A user as the outside sees it: there is no place for a hash in it. */
export function toPublicUser(user: Omit<User, "password_hash"> & { _id: Types.ObjectId }) {
  return {
    id: user._id.toHexString(),
    name: user.name,
    email: user.email,
    created_at: user.created_at.toISOString(),
    updated_at: user.updated_at.toISOString(),
  };
}
