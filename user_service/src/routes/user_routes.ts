import { methodNotAllowed } from "@order-flow/common/http/errors.js";
import { jsonBody } from "@order-flow/common/http/json_body.js";
import { noStore } from "@order-flow/common/http/no_store.js";
import { pathId } from "@order-flow/common/http/object_id.js";
import { pageParameters, pageRules } from "@order-flow/common/http/page.js";
import { validate } from "@order-flow/common/http/validation.js";
import { Router } from "express";
import { createUserController } from "../controllers/user_controller.js";
import type { UserService } from "../services/user_service.js";
import { newUser, userChanges } from "./user_rules.js";

/** The paths of users. */
export function userRoutes(users: UserService): Router {
  const router = Router();
  const controller = createUserController(users);
  router.use(noStore);

  /**
   * @openapi
   * /users:
   *   post:
   *     summary: Create a user
   *     operationId: createUser
   *     tags: [users]
   *     requestBody:
   *       required: true
   *       content:
   *         application/json:
   *           schema: { $ref: '#/components/schemas/NewUser' }
   *     responses:
   *       201:
   *         description: The user was created
   *         headers:
   *           Location: { $ref: '#/components/headers/Location' }
   *           ETag: { $ref: '#/components/headers/ETag' }
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/User' }
   *       409: { $ref: '#/components/responses/Conflict' }
   */
  router.post("/users", jsonBody, validate({ fields: [newUser()] }), controller.create);

  /**
   * @openapi
   * /users:
   *   get:
   *     summary: List users, newest first
   *     operationId: listUsers
   *     tags: [users]
   *     parameters:
   *       - { $ref: '#/components/parameters/Limit' }
   *       - { $ref: '#/components/parameters/Cursor' }
   *     responses:
   *       200:
   *         description: A page of users
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/UserPage' }
   */
  router.get("/users", validate({ fields: pageRules(), query: pageParameters }), controller.list);
  router.all("/users", methodNotAllowed("GET", "HEAD", "POST"));

  /**
   * @openapi
   * /users/{id}:
   *   parameters:
   *     - { $ref: '#/components/parameters/Id' }
   *   get:
   *     summary: Get a user
   *     operationId: getUser
   *     tags: [users]
   *     parameters:
   *       - { $ref: '#/components/parameters/IfNoneMatch' }
   *     responses:
   *       200:
   *         description: The user
   *         headers:
   *           ETag: { $ref: '#/components/headers/ETag' }
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/User' }
   *       304:
   *         description: The user still has the ETag of If-None-Match
   *         headers:
   *           ETag: { $ref: '#/components/headers/ETag' }
   *       404: { $ref: '#/components/responses/NotFound' }
   */
  router.get("/users/:id", validate({ fields: [pathId()] }), controller.get);

  /**
   * @openapi
   * /users/{id}:
   *   put:
   *     summary: Change a user
   *     description: Fields left out stay as they are; at least one must be given.
   *     operationId: updateUser
   *     tags: [users]
   *     parameters:
   *       - { $ref: '#/components/parameters/IfMatch' }
   *     requestBody:
   *       required: true
   *       content:
   *         application/json:
   *           schema: { $ref: '#/components/schemas/UserChanges' }
   *     responses:
   *       200:
   *         description: The changed user
   *         headers:
   *           ETag: { $ref: '#/components/headers/ETag' }
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/User' }
   *       404: { $ref: '#/components/responses/NotFound' }
   *       409: { $ref: '#/components/responses/Conflict' }
   *       412: { $ref: '#/components/responses/PreconditionFailed' }
   */
  router.put("/users/:id", jsonBody, validate({ fields: [pathId(), userChanges()] }), controller.update);

  /**
   * @openapi
   * /users/{id}:
   *   delete:
   *     summary: Delete a user
   *     operationId: deleteUser
   *     tags: [users]
   *     parameters:
   *       - { $ref: '#/components/parameters/IfMatch' }
   *     responses:
   *       204:
   *         description: The user was deleted
   *       404: { $ref: '#/components/responses/NotFound' }
   *       412: { $ref: '#/components/responses/PreconditionFailed' }
   */
  router.delete("/users/:id", validate({ fields: [pathId()] }), controller.remove);
  router.all("/users/:id", methodNotAllowed("DELETE", "GET", "HEAD", "PUT"));
  return router;
}
