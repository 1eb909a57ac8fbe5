import { notFound, Problem } from "@order-flow/common/http/errors/problem.js";
import { type Page, type PageQuery, toPage } from "@order-flow/common/http/validation/page.js";
import { batchReads } from "@order-flow/common/mongo/batch.js";
import { type Database, isDuplicateKey } from "@order-flow/common/mongo/database.js";
import { type QueryFilter, Types } from "mongoose";
import { isUser, toPublicUser, type UserDocument, type UserModel, type UserPublic, usersOnly } from "../models/user.js";
import type { UserCreate, UserUpdate } from "../schemas/user.js";
import type { PasswordHasher } from "./password_hasher.js";

export interface UserQuery extends PageQuery {
  readonly email?: string;
}

/** Decides from the stored version whether a change may go ahead (`If-Match`). */
type Precondition = (version: number) => boolean;

export const conflict = () => new Problem(409, "This email address is taken.");
export const preconditionFailed = () => new Problem(412, "The user was changed since; get it again.");

/** The rules of users. Every call may throw a `DatabaseUnavailableError`. */
export class UserService {
  readonly #users: UserModel;
  readonly #database: Database;
  readonly #hasher: PasswordHasher;
  readonly #observeRead: (users: number) => void;
  readonly #read = batchReads((ids) => {
    this.#observeRead(ids.length);
    // Lean: what is only shown needs no document.
    return this.#users.find({ _id: { $in: ids } }).lean();
  });

  constructor(users: UserModel, database: Database, hasher: PasswordHasher, observeRead: (users: number) => void) {
    this.#users = users;
    this.#database = database;
    this.#hasher = hasher;
    this.#observeRead = observeRead;
  }

  /** Stores a new user. Throws 409 if the email is taken. */
  async create({ name, email, password }: UserCreate): Promise<VersionedUser> {
    await this.#database.run(() => this.#assertNotTaken({ email }));
    const password_hash = await this.#hasher.hash(password);
    return this.#write(async () => versioned(await this.#users.create({ name, email, password_hash })));
  }

  /** Throws 404 if there is no such user. */
  async get(id: string): Promise<VersionedUser> {
    const found = await this.#database.run(() => this.#read(id));
    if (!found || !isUser(found)) throw notFound("user");
    return versioned(found);
  }

  /** Newest first. */
  async list({ limit, cursor, email }: UserQuery): Promise<Page<UserPublic>> {
    const filter: QueryFilter<UserDocument> = {
      ...usersOnly,
      ...(email !== undefined && { email }),
      _id: { $type: "objectId", ...(cursor && { $lt: new Types.ObjectId(cursor) }) },
    };
    const found = await this.#database.run(() =>
      this.#users.find(filter, null, { sort: { _id: -1 }, limit: limit + 1 }).lean(),
    );
    return toPage(found.map(toPublicUser), limit);
  }

  /** Changes the fields that are given. Throws 404, 409 if the email is taken, 412 if `mayChange` says no. */
  async update(id: string, { password, ...fields }: UserUpdate, mayChange: Precondition): Promise<VersionedUser> {
    if (password === undefined) return this.#save(id, fields, mayChange);
    await this.#database.run(async () => {
      await this.#findForChange(id, mayChange);
      if (fields.email !== undefined) await this.#assertNotTaken({ email: fields.email, _id: { $ne: id } });
    });
    return this.#save(id, { ...fields, password_hash: await this.#hasher.hash(password) }, mayChange);
  }

  /** Throws 404 if there is no such user, 412 if `mayChange` says no. */
  async remove(id: string, mayChange: Precondition): Promise<void> {
    await this.#database.run(async () => {
      for (;;) {
        const user = await this.#findForChange(id, mayChange);
        const { deletedCount } = await this.#users.deleteOne(sameVersion(user));
        if (deletedCount === 1) return;
      }
    });
  }

  /** Compares the version as it writes, and starts again if another change came first: none is lost. */
  #save(id: string, fields: Partial<UserDocument>, mayChange: Precondition): Promise<VersionedUser> {
    return this.#write(async () => {
      for (;;) {
        const user = await this.#findForChange(id, mayChange);
        if (!user.set(fields).isModified()) return versioned(user);
        const change = { $set: fields, $inc: { __v: 1 } };
        const changed = await this.#users.findOneAndUpdate(sameVersion(user), change, { returnDocument: "after" });
        if (changed) return versioned(changed);
      }
    });
  }

  /** The unique index decides: between a look and the write another request may take the email. */
  async #write<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#database.run(work);
    } catch (error) {
      if (isDuplicateKey(error) && error["keyPattern"]?.email) throw conflict();
      throw error;
    }
  }

  async #findForChange(id: string, mayChange: Precondition): Promise<UserDocument> {
    const user = await this.#users.findOne({ _id: id, ...usersOnly });
    if (!user) throw notFound("user");
    if (!mayChange(user.__v ?? 0)) throw preconditionFailed();
    return user;
  }

  /** A request that fails anyway must not cost a hash; the unique index still decides. */
  async #assertNotTaken(filter: QueryFilter<UserDocument>): Promise<void> {
    if (await this.#users.exists(filter)) throw conflict();
  }
}

/** Finds a user only if nobody has changed it; null finds one without a version. */
const sameVersion = ({ _id, __v }: UserDocument) => ({ _id, __v: __v ?? null });

/** A user and its stored version, from which the ETag is made; one that was inserted by hand may have none yet. */
export type VersionedUser = ReturnType<typeof versioned>;

const versioned = (user: Parameters<typeof toPublicUser>[0] & { readonly __v?: number }) => ({
  user: toPublicUser(user),
  version: user.__v ?? 0,
});
