import { type Connection, Schema, type Types } from "mongoose";

export interface User {
  name: string;
  email: string;
  password_hash: string;
  created_at: Date;
  updated_at: Date;
}

/** A user as the outside sees it: there is no place for a hash in it. */
export interface UserPublic {
  id: string;
  name: string;
  email: string;
  created_at: string;
  updated_at: string;
}

const userSchema = new Schema<User>(
  {
    name: { type: String, required: true },
    email: { type: String, required: true, unique: true },
    password_hash: { type: String, required: true, select: false },
  },
  {
    collection: "users",
    timestamps: { createdAt: "created_at", updatedAt: "updated_at" },
    // `save` fails when another save came between: two updates never mix.
    optimisticConcurrency: true,
  },
);

export const createUserModel = (connection: Connection) => connection.model("User", userSchema);

export type UserModel = ReturnType<typeof createUserModel>;
export type UserDocument = InstanceType<UserModel>;

export function toPublicUser(user: Omit<User, "password_hash"> & { _id: Types.ObjectId }): UserPublic {
  return {
    id: user._id.toHexString(),
    name: user.name,
    email: user.email,
    created_at: user.created_at.toISOString(),
    updated_at: user.updated_at.toISOString(),
  };
}
