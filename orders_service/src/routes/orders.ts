import { allowOnly } from "@order-flow/common/http/errors/errors.js";
import { jsonBody } from "@order-flow/common/http/middleware/json_body.js";
import { noStore } from "@order-flow/common/http/middleware/no_store.js";
import { objectIdMessage, pathId, withObjectIdRule } from "@order-flow/common/http/validation/object_id.js";
import { pageChains, pageParameters } from "@order-flow/common/http/validation/page.js";
import { validate } from "@order-flow/common/http/validation/validation.js";
import { Router } from "express";
import { header, query } from "express-validator";
import { createOrderController } from "../controllers/order_controller.js";
import { orderCreateBody } from "../schemas/order.js";
import type { OrderService } from "../services/order_service.js";

export const idempotencyKeyPattern = "^[\\x21-\\x7e]{1,255}$";

const idempotencyKey = () =>
  header("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
    .optional()
    .matches(new RegExp(idempotencyKeyPattern));
const userIdFilter = () => withObjectIdRule(query("user_id", objectIdMessage).optional());

export function orderRoutes(orders: OrderService): Router {
  const router = Router();
  const controller = createOrderController(orders);
  router.use(noStore);

  /**
   * @openapi
   * /orders:
   *   post:
   *     summary: Place an order
   *     description: >-
   *       201 means that the order is stored and its message will reach the queue, whatever fails next. With an
   *       Idempotency-Key the call can be repeated: the same key with the same body gives the same order.
   *     operationId: placeOrder
   *     parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }]
   *     requestBody:
   *       required: true
   *       content: { application/json: { schema: { $ref: '#/components/schemas/OrderCreate' } } }
   *     responses: { 201: { $ref: '#/components/responses/OrderPlaced' } }
   *   get:
   *     summary: List orders, newest first
   *     operationId: listOrders
   *     parameters:
   *       - { $ref: '#/components/parameters/UserId' }
   *       - { $ref: '#/components/parameters/Limit' }
   *       - { $ref: '#/components/parameters/Cursor' }
   *     responses: { 200: { $ref: '#/components/responses/OrderPage' } }
   */
  router
    .route("/orders")
    .post(jsonBody, validate([orderCreateBody.chain, idempotencyKey()]), controller.place)
    .get(validate([userIdFilter(), ...pageChains()], ["user_id", ...pageParameters]), controller.list)
    .all(allowOnly("GET", "HEAD", "POST"));

  /**
   * @openapi
   * /orders/{id}:
   *   parameters: [{ $ref: '#/components/parameters/Id' }]
   *   get:
   *     summary: Get an order
   *     operationId: getOrder
   *     responses: { 200: { $ref: '#/components/responses/Order' } }
   */
  router
    .route("/orders/:id")
    .get(validate([pathId()]), controller.get)
    .all(allowOnly("GET", "HEAD"));
  return router;
}
