import { ifMatch, versionTag } from "@order-flow/common/http/validation/etag.js";
import type { Request, RequestHandler, Response } from "express";
import { matchedData } from "express-validator";
import { userCreateBody, userUpdateBody } from "../schemas/user.js";
import type { UserQuery, UserService, VersionedUser } from "../services/user_service.js";

/** HTTP on one side, `UserService` on the other. What comes in was validated by the route. */
export const createUserController = (users: UserService) =>
  ({
    create: async (req, res) => {
      const created = await users.create(userCreateBody.validated(req));
      show(res.status(201).location(`/users/${created.user.id}`), created);
    },

    get: async (req, res) => {
      show(res, await users.get(idOf(req)));
    },

    list: async (req, res) => {
      res.json(await users.list(matchedData<UserQuery>(req, { locations: ["query"] })));
    },

    update: async (req, res) => {
      show(res, await users.update(idOf(req), userUpdateBody.validated(req), ifMatch(req)));
    },

    remove: async (req, res) => {
      await users.remove(idOf(req), ifMatch(req));
      res.status(204).end();
    },
  }) satisfies Record<string, RequestHandler>;

const idOf = (req: Request): string => String(req.params["id"]);

/** Express turns it into a 304 if the client of a GET has this version (If-None-Match). */
function show(res: Response, { user, version }: VersionedUser): void {
  res.set("ETag", versionTag(version)).json(user);
}
