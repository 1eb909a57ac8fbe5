import { type Connection, type InferSchemaType, Schema, type Types } from "mongoose";

const userSchema = new Schema(
  {
    name: { type: String, required: true },
    email: { type: String, required: true, unique: true },
    password_hash: { type: String, required: true, select: false },
  },
  {
    collection: "users",
    timestamps: { createdAt: "created_at", updatedAt: "updated_at" } as const,
    // `save` fails when another save came between: two updates never mix.
    optimisticConcurrency: true,
  },
);

export const createUserModel = (connection: Connection) => connection.model("User", userSchema);

export type UserModel = ReturnType<typeof createUserModel>;
export type UserDocument = InstanceType<UserModel>;

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
