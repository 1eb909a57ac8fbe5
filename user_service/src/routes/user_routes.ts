import { allowOnly } from "@order-flow/common/http/errors/errors.js";
import { jsonBody } from "@order-flow/common/http/middleware/json_body.js";
import { noStore } from "@order-flow/common/http/middleware/no_store.js";
import { pathId } from "@order-flow/common/http/validation/object_id.js";
import { pageChains, pageParameters } from "@order-flow/common/http/validation/page.js";
import { validate } from "@order-flow/common/http/validation/validation.js";
import { type RequestHandler, Router } from "express";
import { query } from "express-validator";
import { createUserController } from "../controllers/user_controller.js";
import { normalizedEmail, userCreateBody, userUpdateBody } from "../schemas/user.js";
import type { UserService } from "../services/user_service.js";

const emailFilter = () =>
  query("email", "must be an email address").optional().isString().bail().customSanitizer(normalizedEmail).isEmail();

export function userRoutes(users: UserService, limitHashes: RequestHandler): Router {
  const router = Router();
  const controller = createUserController(users);
  router.use(noStore);

  const limitHashesOfUpdate: RequestHandler = (req, res, next) =>
    userUpdateBody.validated(req).password === undefined ? next() : limitHashes(req, res, next);
  const update = [jsonBody, validate([pathId(), userUpdateBody.chain]), limitHashesOfUpdate, controller.update];

  /**
   * @openapi
   * /users:
   *   post:
   *     summary: Create a user
   *     operationId: createUser
   *     requestBody:
   *       required: true
   *       content: { application/json: { schema: { $ref: '#/components/schemas/UserCreate' } } }
   *     responses:
   *       201: { $ref: '#/components/responses/UserCreated' }
   *       409: { $ref: '#/components/responses/Conflict' }
   *   get:
   *     summary: List users, newest first
   *     operationId: listUsers
   *     parameters:
   *       - name: email
   *         in: query
   *         description: Only the user with this email address
   *         schema: { type: string, format: idn-email, examples: [grace@example.com] }
   *       - { $ref: '#/components/parameters/Limit' }
   *       - { $ref: '#/components/parameters/Cursor' }
   *     responses: { 200: { $ref: '#/components/responses/UserPage' } }
   */
  router
    .route("/users")
    .post(jsonBody, validate([userCreateBody.chain]), limitHashes, controller.create)
    .get(validate([emailFilter(), ...pageChains()], ["email", ...pageParameters]), controller.list)
    .all(allowOnly("GET", "HEAD", "POST"));

  /**
   * @openapi
   * /users/{id}:
   *   parameters: [{ $ref: '#/components/parameters/Id' }]
   *   get:
   *     summary: Get a user
   *     operationId: getUser
   *     parameters:
   *       - name: If-None-Match
   *         in: header
   *         description: Send the user only if it no longer has this ETag
   *         schema: { type: string, examples: ['"999"'] }
   *     responses:
   *       200: { $ref: '#/components/responses/User' }
   *       304:
   *         description: The user still has the ETag of If-None-Match
   *         headers: { ETag: { $ref: '#/components/headers/ETag' } }
   *   put:
   *     summary: Change a user (PUT and PATCH are the same)
   *     description: Fields left out stay as they are; at least one must be given.
   *     operationId: updateUser
   *     parameters: [{ $ref: '#/components/parameters/IfMatch' }]
   *     requestBody:
   *       required: true
   *       content: { application/json: { schema: { $ref: '#/components/schemas/UserUpdate' } } }
   *     responses:
   *       200: { $ref: '#/components/responses/User' }
   *       409: { $ref: '#/components/responses/Conflict' }
   *       412: { $ref: '#/components/responses/PreconditionFailed' }
   *   delete:
   *     summary: Delete a user
   *     operationId: deleteUser
   *     parameters: [{ $ref: '#/components/parameters/IfMatch' }]
   *     responses:
   *       204: { description: The user was deleted }
   *       412: { $ref: '#/components/responses/PreconditionFailed' }
   */
  router
    .route("/users/:id")
    .get(validate([pathId()]), controller.get)
    .put(...update)
    .patch(...update)
    .delete(validate([pathId()]), controller.remove)
    .all(allowOnly("DELETE", "GET", "HEAD", "PATCH", "PUT"));
  return router;
}
