import { sendJson } from "@order-flow/common/http/answer.js";
import { ifMatch, versionTag } from "@order-flow/common/http/etag.js";
import { matchedData } from "@order-flow/common/http/validation.js";
import type { Request, RequestHandler, Response } from "express";
import { userCreateBody, userUpdateBody } from "../schemas/user.js";
import type { UserQuery, UserService, VersionedUser } from "../services/user_service.js";

interface UserController {
  readonly create: RequestHandler;
  readonly get: RequestHandler;
  readonly list: RequestHandler;
  readonly update: RequestHandler;
  readonly remove: RequestHandler;
}

/** HTTP on one side, `UserService` on the other. What comes in was validated by the route. */
export const createUserController = (users: UserService): UserController => ({
  create: async (req, res) => {
    const created = await users.create(userCreateBody.of(req));
    res.status(201).location(`/users/${created.user.id}`);
    send(res, created);
  },

  get: async (req, res) => {
    send(res, await users.get(pathId(req)));
  },

  list: async (req, res) => {
    sendJson(res, await users.list(matchedData<UserQuery>(req, { locations: ["query"] })));
  },

  update: async (req, res) => {
    send(res, await users.update(pathId(req), userUpdateBody.of(req), ifMatch(req)));
  },

  remove: async (req, res) => {
    await users.remove(pathId(req), ifMatch(req));
    res.status(204).end();
  },
});

const pathId = (req: Request): string => String(req.params["id"]);

function send(res: Response, { user, version }: VersionedUser): void {
  res.setHeader("ETag", versionTag(version));
  // A GET whose client has this version: If-None-Match says so (RFC 9110, section 13.1.2).
  if (res.req.fresh) res.status(304).end();
  else sendJson(res, user);
}
